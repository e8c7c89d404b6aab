//! The ways of looking: table, text, raw, bytes; and out to a pager, an editor, a file.

use captui::tui::viewer::Program;

use crate::tui::viewer::ANSWER;
use crate::tui::viewer::viewing;

#[test]
fn an_array_of_objects_is_a_table() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = viewing(width, height, ANSWER);
        driver.press("jjv").sees("zoe@example.com").sees("1/3");
        driver.press("ll").sees("email");
        insta::assert_snapshot!(format!("table_{width}x{height}"), driver.screen());
        driver.press("s").sees("email ↑").press("s").sees("email ↓");
        driver.press("s").sees_no("↓");
        driver
            .press("%")
            .sees("filled")
            .sees("3 of 3 (100 %)")
            .sees("different");
        insta::assert_snapshot!(format!("column_{width}x{height}"), driver.screen());
        driver
            .press("<esc>c")
            .sees("[x] id")
            .press(" ")
            .sees("[ ] id");
        driver.press("<esc><enter>").sees("$.results[0]");
    }
}

#[test]
fn sorting_leaves_the_rows_their_values() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("jjvlls").sees("email ↑").press("yy");
    assert_eq!(driver.copied, ["\"O'Neil@example.com\""]);
    driver.press("syy");
    assert_eq!(driver.copied[1], "\"zoe@example.com\"");
    driver
        .press("zM")
        .sees("this is for the tree: v goes there");
}

#[test]
fn text_raw_and_bytes_are_shown_at_the_same_place() {
    let mut driver = viewing(120, 40, ANSWER);
    driver
        .press("zRvvv")
        .sees("\"result_count\": 3,")
        .sees("raw");
    driver.press("v").sees("00000000  7b 0a").sees("hex");
    driver.press("V").sees("raw").press("V").sees("text");
    driver.press("s").sees("this is for the table");
    driver.press("G").sees("}").press("<home>").sees("{");
}

#[test]
fn a_text_goes_out_to_a_pager_an_editor_and_a_file() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("O").press("E");
    let programs: Vec<Program> = driver.shown.iter().map(|text| text.program).collect();
    assert_eq!(programs, [Program::Pager, Program::Editor]);
    let bytes = String::from_utf8_lossy(&driver.shown[0].bytes);
    assert!(bytes.contains("\"balance\":"), "{bytes}");
    let folder = tempfile::tempdir().expect("makes a folder");
    let file = folder.path().join("a.json");
    let keys = format!("S<c-u>{}<enter>", file.display());
    driver.press(&keys).sees("saved as ");
    assert_eq!(
        std::fs::read(&file).expect("is there"),
        &*driver.shown[0].bytes
    );
    driver.press(&keys).sees("it exists already");
    driver.press("S<c-u><enter>").sees("the file has no name");
    driver.press("S<esc>").sees_no("save as");
}

#[test]
fn what_is_no_json_is_raw_or_bytes() {
    let mut driver = viewing(80, 24, "<html>\n<b>no</b>\n</html>");
    driver.sees("<b>no</b>").press("|").sees("jq filters JSON");
    driver
        .press("zR")
        .sees("not JSON")
        .press("v")
        .sees("3c 68 74 6d");
    driver.press("/no</").sees("1 of 1").press("<esc>");
}

#[test]
fn several_documents_in_one_text_are_no_fault() {
    let mut driver = viewing(80, 24, "{\"a\":1}\n{\"a\":2}\n");
    driver.sees("\"a\": 2").sees_no("✗ line 2");
    driver.press("!").sees_no("✗ line 2");
    let mut broken = viewing(80, 24, "{\"a\":1}\n{\"a\":}\n");
    broken.sees("✗ line 2 column 6");
    broken.press("<home>!").sees("line 2");
}

#[test]
fn a_sheet_offers_no_way_out_of_the_program_by_the_key_that_closes_it() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.sees("q quit").press("p").sees("Esc close");
    driver.sees_no("q quit").press("q").sees("q quit");
}
