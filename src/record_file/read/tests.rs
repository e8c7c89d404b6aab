//! What is read from files of every kind, and what is refused.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;

use super::*;
use crate::capture::schema;
use crate::record_file::cell_of;

const SCHEMA: &str = r#"[
    {"name":"email","type":"string","constraints":["unique"]},
    {"name":"age","type":"integer"},{"name":"height","type":"decimal"},{"name":"active","type":"boolean"},
    {"name":"born","type":"date"},{"name":"password","type":"password-bcrypt"},{"name":"extra","type":"json"},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"},
        {"name":"door","type":"object","attr_defs":[{"name":"number","type":"integer"}]}]},
    {"name":"statuses","type":"plural","attr_defs":[{"name":"status","type":"string"}]}]"#;

fn schema() -> EntityType {
    let (attr_defs, problems) = schema::read_attr_defs(&Json::parse(SCHEMA).expect("is JSON"));
    assert_eq!(problems, []);
    EntityType::create("t", attr_defs)
}

fn reader(text: impl Into<Vec<u8>>, options: &Options) -> Result<Reader, Failure> {
    Reader::over("a file", Box::new(Cursor::new(text.into())), options)
}

fn of(format: Format) -> Options {
    Options {
        format: Some(format),
        ..Options::default()
    }
}

/// Each row's number, line, and record or faults; at last why the file is broken.
fn all(text: impl Into<Vec<u8>>, options: &Options) -> Vec<String> {
    let schema = schema();
    let mut found = Vec::new();
    let whole = reader(text, options).and_then(|mut reader| {
        let shape = reader.shape(&schema, options)?;
        while let Some(row) = reader.next_row()? {
            let said = match shape.record(&row) {
                Ok(record) => record.to_string(),
                Err(faults) => {
                    let one = |fault: &Fault| format!("{}: {}", fault.place, fault.reason);
                    faults.iter().map(one).collect::<Vec<_>>().join(" + ")
                }
            };
            found.push(format!("{} {} {said}", row.number, row.line));
        }
        Ok(())
    });
    if let Err(failure) = whole {
        let why = failure.cause.unwrap_or_default();
        found.push(format!("! {} {why}", failure.message));
    }
    found
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("a vector takes it");
    encoder.finish().expect("a vector takes it")
}

#[test]
fn cells_are_what_the_schema_says() {
    for (header, cells, record) in [
        ("email,age", "a@b.c,7", r#"{"email":"a@b.c","age":7}"#),
        ("email,age,active", ",,T", r#"{"active":true}"#),
        ("active", "fAlSe", r#"{"active":false}"#),
        ("active", "0", r#"{"active":false}"#),
        ("email", "\\N", r#"{"email":null}"#),
        ("email", "\\E", r#"{"email":""}"#),
        ("email", "\\\\N", r#"{"email":"\\N"}"#),
        ("email", "\"a \"\"b\"\", c\"", r#"{"email":"a \"b\", c"}"#),
        ("email", "5\" disk", r#"{"email":"5\" disk"}"#),
        ("email", " a ", r#"{"email":" a "}"#),
        ("age,height", " 12 , -1.50 ", r#"{"age":12,"height":-1.50}"#),
        ("born", "01/29/1881", r#"{"born":"01/29/1881"}"#),
        (
            "home.city,home.door.number",
            "Ulm,3",
            r#"{"home":{"city":"Ulm","door":{"number":3}}}"#,
        ),
        (
            "home",
            "\"{\"\"city\"\":\"\"Ulm\"\"}\"",
            r#"{"home":{"city":"Ulm"}}"#,
        ),
        (
            "statuses",
            "\"[{\"\"status\"\":\"\"x\"\"}]\"",
            r#"{"statuses":[{"status":"x"}]}"#,
        ),
        ("statuses", "[]", r#"{"statuses":[]}"#),
        ("extra", "5", r#"{"extra":5}"#),
        ("password", "plain", r#"{"password":"plain"}"#),
        (
            "password",
            "\"{\"\"type\"\":\"\"password-bcrypt\"\",\"\"value\"\":\"\"$2a\"\"}\"",
            r#"{"password":{"type":"password-bcrypt","value":"$2a"}}"#,
        ),
        (" email , age ", "x,1", r#"{"email":"x","age":1}"#),
        ("email;age", "x;1", r#"{"email":"x","age":1}"#),
        ("email\tage", "x,y\t1", r#"{"email":"x,y","age":1}"#),
    ] {
        let text = format!("{header}\n{cells}\n");
        let expected = [format!("1 2 {record}")];
        assert_eq!(all(text, &of(Format::Csv)), expected, "{header}: {cells}");
    }
}

#[test]
fn what_a_cell_cannot_be_is_named_with_its_column() {
    for (header, cells, faults) in [
        ("age", "seven", "age: must be a number, such as 12 or -1.5"),
        ("age", "+7", "age: must be a number, such as 12 or -1.5"),
        (
            "active,age",
            "perhaps,x",
            "active: must be true or false, written as true, T or 1 and false, F or 0 + age: must be a number, such as 12 or -1.5",
        ),
        (
            "password",
            "{secret",
            "password: must be JSON: a key is expected, in double quotes at line 1 column 2 of the cell",
        ),
        ("email,age", "x", ": 1 cells, and the header has 2"),
        ("email", "x,y", ": 2 cells, and the header has 1"),
        (
            "email",
            "\"x\"y",
            ": something follows the quote that ends a cell",
        ),
    ] {
        let text = format!("{header}\n{cells}\n");
        assert_eq!(
            all(text, &of(Format::Csv)),
            [format!("1 2 {faults}")],
            "{cells}"
        );
    }
    let broken = all(b"email,home.city\nx,y\xff\n".as_slice(), &of(Format::Csv));
    assert_eq!(broken, ["1 2 home.city: it is not UTF-8"]);
}

#[test]
fn headers_that_fit_no_record_are_refused_at_once() {
    for (header, why) in [
        (
            "emial,nothing",
            "no such attribute: `emial` (did you mean `email`?), `nothing`",
        ),
        (
            "statuses.status",
            "`statuses.status` is inside of a plural: the column `statuses` holds all of it as JSON",
        ),
        ("home,home.city", "`home.city` and `home` say the same"),
        ("email,email", "`email` and `email` say the same"),
    ] {
        let found = all(format!("{header}\n"), &of(Format::Csv));
        let expected = format!("! the header of a file does not fit the entity type `t` {why}");
        assert_eq!(found, [expected]);
    }
    let lenient = Options {
        skip_unknown: true,
        ..of(Format::Csv)
    };
    assert_eq!(all("nope,email\nx,y\n", &lenient), [r#"1 2 {"email":"y"}"#]);
    let none = all("nope\nx\n", &lenient);
    assert!(none[0].ends_with("no column is an attribute"), "{none:?}");
    assert!(all("", &of(Format::Csv))[0].starts_with("! a file is empty"));
}

#[test]
fn rows_have_numbers_and_lines_whatever_is_in_them() {
    let text = "\u{feff}email,age\r\n\"a\r\nb\",1\r\n\r\nc,2\r\n\"d \"\"e\n\n\"\"\",3";
    for format in [Some(Format::Csv), None] {
        let options = Options {
            format,
            ..Options::default()
        };
        assert_eq!(
            all(text, &options),
            [
                "1 2 {\"email\":\"a\\r\\nb\",\"age\":1}",
                "2 5 {\"email\":\"c\",\"age\":2}",
                "3 6 {\"email\":\"d \\\"e\\n\\n\\\"\",\"age\":3}",
            ]
        );
    }
    assert_eq!(
        all("email\na\n\"b\nc\n", &of(Format::Csv)),
        [
            "1 2 {\"email\":\"a\"}",
            "! a file is broken at line 3: the file ends inside of a quoted cell of the row that begins there "
        ]
    );
}

#[test]
fn rows_of_empty_cells_are_none() {
    let text = "email,age\n,\n\"\",\"\"\r\na,1\n , \n,,,,\n\",\",2\n\"\n\",3\n\n";
    assert_eq!(
        all(text, &of(Format::Csv)),
        [
            "1 4 {\"email\":\"a\",\"age\":1}",
            "2 7 {\"email\":\",\",\"age\":2}",
            "3 8 {\"email\":\"\\n\",\"age\":3}",
        ]
    );
    assert_eq!(all("email\n\"\"\nx\n", &of(Format::Csv)).len(), 1);
}

#[test]
fn a_cell_that_cannot_be_read_leaves_the_others_to_be_judged() {
    let mut csv = reader("age,email,active\nx,y,z\nx,y\n", &of(Format::Csv)).expect("opens");
    let shape = csv.shape(&schema(), &Options::default()).expect("fits");
    let mut next = || shape.read(&csv.next_row().expect("reads").expect("there is one"));
    let (record, faults) = next();
    let record = record.map(|record| record.to_string());
    assert_eq!(record.as_deref(), Some(r#"{"email":"y"}"#));
    assert_eq!(faults.len(), 2);
    let (record, faults) = next();
    assert_eq!(
        (record, faults.len()),
        (None, 2),
        "whose the cells are, nobody can tell"
    );
}

#[test]
fn strange_texts_are_named_with_what_to_do() {
    let utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let with_nul = "it is UTF-16, and must be UTF-8";
    let of_old_macs = "its lines end as on old Macs, with a carriage return alone";
    for (text, format, why) in [
        (utf16("email\nx\n"), Format::Csv, with_nul),
        (utf16("{}"), Format::Json, with_nul),
        (b"email\rx\ry\r".to_vec(), Format::Csv, of_old_macs),
        (b"{}\r{}".to_vec(), Format::Ndjson, of_old_macs),
    ] {
        let failure = reader(text, &of(format)).err().expect("is refused");
        assert_eq!(failure.cause.as_deref(), Some(why));
        assert_eq!(failure.hints.len(), 1);
    }
    for text in ["email\r\nx\r\n", "email\r", "email"] {
        assert!(reader(text, &of(Format::Csv)).is_ok(), "{text:?}");
    }
    assert_eq!(all("{}\r{}", &of(Format::Json)).len(), 2);
}

#[test]
fn json_of_every_shape_is_read() {
    let two = ["{\"a\":1}", "{\"b\":[{\"c\":\"]\\\"}\"}]}"];
    for (text, lines) in [
        (format!("{}\n{}\n", two[0], two[1]), [1, 2]),
        (format!("{}\n\n{}", two[0], two[1]), [1, 3]),
        (format!("[{},{}]", two[0], two[1]), [1, 1]),
        (format!("\u{feff}[\n{} ,\n{}\n]\n", two[0], two[1]), [2, 3]),
        (format!("[{}]\n[{}]", two[0], two[1]), [1, 2]),
        (
            format!(
                "{{\"result_count\":2,\"results\":[{},\n{}],\"stat\":\"ok\"}}\n",
                two[0], two[1]
            ),
            [1, 2],
        ),
        (
            format!("{{\n\"results\" : [{},\n{}]\n}}\n", two[0], two[1]),
            [2, 3],
        ),
    ] {
        let expected = [0, 1].map(|at| format!("{} {} {}", at + 1, lines[at], two[at]));
        assert_eq!(all(text.clone(), &Options::default()), expected, "{text}");
    }
    assert_eq!(all("[]", &Options::default()), [""; 0]);
    assert_eq!(all("{\"results\":[]}", &Options::default()), [""; 0]);
    assert_eq!(
        all("{\"results\":5}", &Options::default()),
        ["1 1 {\"results\":5}"]
    );
    let spread = "{\n  \"email\": \"x\",\n \"n\": [1, 2]\n}";
    assert_eq!(
        all(spread, &Options::default()),
        ["1 1 {\"email\":\"x\",\"n\":[1,2]}"]
    );
}

#[test]
fn broken_json_is_a_wrong_row_or_a_broken_file() {
    let ndjson = all("{\"a\":1}\n{oops}\n[1]\n{\"b\":2}\n", &of(Format::Ndjson));
    assert_eq!(
        ndjson,
        [
            "1 1 {\"a\":1}",
            "2 2 : it is not JSON: a key is expected, in double quotes at line 1 column 2 of the row",
            "3 3 : a record is a JSON object, not of type array",
            "4 4 {\"b\":2}",
        ]
    );
    for (text, format, why) in [
        (
            "{\"s\":\"a\",\"n\":1 2}",
            Format::Json,
            "line 1 column 16 of the row",
        ),
        (
            "[{\"s\":\"a\",\"n\":1 2}]",
            Format::Json,
            "line 1 column 16 of the row",
        ),
        (
            "{\"a\":1,\"a\":2}",
            Format::Ndjson,
            "the key \"a\" stands twice in an object",
        ),
        (
            "[{\"b\":[{\"a\":1,\"a\":1}]}]",
            Format::Json,
            "the key \"a\" stands twice in an object",
        ),
        (
            "statuses\n\"[{\"\"s\"\":1,\"\"s\"\":1}]\"\n",
            Format::Csv,
            "the key \"s\" stands twice",
        ),
        (
            "{\n",
            Format::Ndjson,
            "(records over several lines are read with --format json)",
        ),
    ] {
        let found = all(text, &of(format));
        assert!(
            found.len() == 1 && found[0].contains(why),
            "{text}: {found:?}"
        );
    }
    let array = all("[{\"a\":1},{\"b\":},5,{\"c\":3}]", &of(Format::Json));
    assert_eq!(array.len(), 4, "{array:?}");
    assert!(array[1].contains("no value starts here"), "{array:?}");
    for (text, last) in [
        (
            "[{\"a\":1}",
            "! a file is broken at line 1: the file ends inside of its array ",
        ),
        (
            "[{\"a\":1}\n{\"b\":1}]",
            "! a file is broken at line 2: a comma or ] is expected ",
        ),
        (
            "[{\"a\":\"",
            "! a file is broken at line 1: the file ends inside of a string ",
        ),
        (
            "[{\"a\":[",
            "! a file is broken at line 1: the file ends inside of a value ",
        ),
        (
            "{\"results\":[{}]",
            "! a file is broken at line 1: the file ends inside of its answer ",
        ),
        (
            "7",
            "! a file is broken at line 1: an array or an object of JSON is expected ",
        ),
        (
            "{\"a\"",
            "! a file is broken at line 1: the file ends inside of an object ",
        ),
    ] {
        let found = all(text, &of(Format::Json));
        assert_eq!(found.last().map(String::as_str), Some(last), "{text}");
    }
}

#[test]
fn packed_files_are_unpacked_and_broken_ones_told() {
    let folder = tempfile::tempdir().expect("can be made");
    let packed = gzip(b"{\"email\":\"a\"}\n{\"email\":\"b\"}\n");
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("can be written");
        path
    };
    let read = |path: &Path| -> Result<u64, Failure> {
        let mut reader = Reader::open(path, &Options::default())?;
        let mut count = 0;
        while reader.next_row()?.is_some() {
            count += 1;
        }
        Ok(count)
    };
    assert_eq!(read(&write("a.ndjson.gz", &packed)), Ok(2));
    assert_eq!(read(&write("a", &packed)), Ok(2));
    let broken = read(&write("b.ndjson.gz", &packed[..packed.len() - 9]));
    let failure = broken.expect_err("it is cut");
    assert!(
        failure.message.ends_with("b.ndjson.gz cannot be read"),
        "{failure}"
    );
    let none = read(&folder.path().join("none.csv")).expect_err("is not there");
    assert_eq!(none.cause.as_deref(), Some("there is no such file"));
}

#[test]
fn the_name_says_the_format() {
    for (name, format) in [
        ("a.csv", Some(Format::Csv)),
        ("A.CSV.GZ", Some(Format::Csv)),
        ("a.jsonl", Some(Format::Ndjson)),
        ("a.ndjson.gz", Some(Format::Ndjson)),
        ("a.json", Some(Format::Json)),
        ("a.txt", None),
        ("csv", None),
        ("-", None),
    ] {
        assert_eq!(Format::of_name(Path::new(name)), format, "{name}");
    }
}

#[test]
fn what_the_service_gives_can_be_left_out() {
    let options = Options {
        leave_out_given: true,
        ..of(Format::Ndjson)
    };
    let exported = r#"{"id":1,"uuid":"u","created":"c","lastUpdated":"l","home":{"id":5},"p":[{"id":2,"q":[{"id":3,"x":1}]},"s"]}"#;
    let left = r#"1 1 {"created":"c","home":{"id":5},"p":[{"q":[{"x":1}]},"s"]}"#;
    assert_eq!(all(exported, &options), [left]);
    let csv = Options {
        format: Some(Format::Csv),
        ..options
    };
    assert_eq!(
        all("id,uuid,email\n1,u,x\n", &csv),
        [r#"1 2 {"email":"x"}"#]
    );
}

#[test]
fn the_loaders_sample_is_read_as_it_is() {
    let sample = include_str!("../../../tests/data/dataload-sample.csv");
    let json = Json::parse(include_str!(
        "../../../tests/data/schema-user-default-2012.json"
    ));
    let (user, problems) = EntityType::from_json(&json.expect("is JSON")).expect("is a schema");
    assert_eq!(problems, []);
    let options = Options {
        skip_unknown: true,
        ..Options::default()
    };
    let mut reader = reader(sample, &options).expect("opens");
    let shape = reader.shape(&user, &options).expect("fits");
    let row = reader.next_row().expect("reads").expect("there is one");
    let record = shape.record(&row).expect("is right");
    let now = jiff::Timestamp::UNIX_EPOCH;
    let violations = crate::capture::validate::validate(
        &record,
        &user,
        crate::capture::validate::Mode::Create,
        now,
    );
    assert_eq!(violations, []);
    assert_eq!(
        record.get("birthday").and_then(Json::as_str),
        Some("01/29/1881")
    );
    assert_eq!(
        record.get("created").and_then(Json::as_str),
        Some("1875-08-02 15:28:31")
    );
    let password = record.get("password").and_then(|it| it.get("type"));
    assert_eq!(password.and_then(Json::as_str), Some("password-bcrypt"));
    assert!(reader.next_row().expect("reads").is_none());
}

#[test]
fn rows_are_written_as_they_came() {
    let text = "email,age\n\"a\nb\",1\nc,2\n";
    let mut again = Vec::new();
    let mut csv = reader(text, &of(Format::Csv)).expect("opens");
    let header = csv.header().expect("has one").clone();
    header.write_to(Format::Csv, &mut again).expect("writes");
    while let Some(row) = csv.next_row().expect("reads") {
        row.write_to(Format::Csv, &mut again).expect("writes");
    }
    assert_eq!(again, text.as_bytes());
    let mut again = Vec::new();
    let mut json = reader("[{\"a\":\n1},{\"b\":\n}]", &of(Format::Json)).expect("opens");
    while let Some(row) = json.next_row().expect("reads") {
        row.write_to(Format::Json, &mut again).expect("writes");
    }
    assert_eq!(again, b"{\"a\":1}\n{\"b\": }\n");
}

/// A stream that gives its bytes in small pieces, as a slow pipe does.
struct Dripping(Cursor<Vec<u8>>, usize);

impl Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c\",;\n\r\\\\NE \t{}é]{0,6}", ".{0,5}", r"\\{1,2}[NE]"]
}

proptest! {
    #[test]
    fn whatever_a_program_writes_as_csv_is_read(rows in vec((text(), text()), 0..6), crlf: bool, piece in 1..9_usize) {
        let mut writer = csv::WriterBuilder::new()
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        writer.write_record(["email", "home.city"]).expect("writes");
        for (email, city) in &rows {
            writer.write_record([&*cell_of(email), &*cell_of(city)]).expect("writes");
        }
        let written = writer.into_inner().expect("writes");
        let stream = Dripping(Cursor::new(written), piece);
        let options = of(Format::Csv);
        let mut reader = Reader::over("f", Box::new(stream), &options).expect("opens");
        let shape = reader.shape(&schema(), &options).expect("fits");
        let mut read = Vec::new();
        while let Some(row) = reader.next_row().expect("reads") {
            let record = shape.record(&row).expect("is right");
            let text = |value: Option<&Json>| value.and_then(Json::as_str).expect("is text").to_owned();
            let city = record.get("home").and_then(|home| home.get("city"));
            read.push((text(record.get("email")), text(city)));
        }
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn whatever_a_program_writes_as_json_is_read(
        rows in vec(vec((text(), text()), 0..3), 0..5), shape in 0..4, pretty: bool, piece in 1..9_usize
    ) {
        let records: Vec<Json> = rows
            .iter()
            .map(|row| row.iter().map(|(key, value)| (key.clone(), Json::from(value.as_str()))).collect())
            .collect();
        let written = |json: &Json| if pretty { json.pretty() } else { json.to_string() };
        let text = match shape {
            0 => records.iter().map(Json::to_string).collect::<Vec<_>>().join("\n"),
            1 => written(&Json::Array(records.clone())),
            2 => records.iter().map(&written).collect::<Vec<_>>().join("\n"),
            _ => written(&[("stat", Json::from("ok")), ("results", Json::Array(records.clone()))].into_iter().collect()),
        };
        let options = of(if shape == 0 { Format::Ndjson } else { Format::Json });
        let stream = Dripping(Cursor::new(text.into_bytes()), piece);
        let mut reader = Reader::over("f", Box::new(stream), &options).expect("opens");
        let shape = reader.shape(&schema(), &options).expect("fits");
        let mut read = Vec::new();
        while let Some(row) = reader.next_row().expect("reads") {
            read.push(shape.record(&row).expect("is right"));
        }
        prop_assert_eq!(read, records);
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in vec(prop_oneof![0..=255_u8, proptest::sample::select(b"{}[]\",:\\\n results".to_vec())], 0..60)) {
        for format in [None, Some(Format::Csv), Some(Format::Ndjson), Some(Format::Json)] {
            let options = Options { format, skip_unknown: true, ..Options::default() };
            // Only that it comes to an end.
            let rows = all(bytes.clone(), &options);
            assert!(rows.len() <= bytes.len() + 1);
        }
    }
}
