use std::io::Read;

use flate2::read::MultiGzDecoder;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::proptest;

use super::*;
use crate::capture::json::quote;
use crate::capture::schema::EntityType;
use crate::record_file::text_of;

fn schema() -> EntityType {
    let text = r#"{"name":"t","attr_defs":[{"name":"id","type":"id"},{"name":"text","type":"string"},
        {"name":"number","type":"decimal"},{"name":"yes","type":"boolean"},
        {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"}]},
        {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]}]}"#;
    let (schema, _) = EntityType::from_json(&Json::parse(text).expect("JSON")).expect("is one");
    schema
}

fn layout(form: Form, packed: bool) -> Layout {
    Layout {
        form,
        packed,
        formula_safe: false,
        columns: Some(Columns::of(&schema(), &[])),
    }
}

fn written(layout: &Layout, records: &[String]) -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new(), layout).expect("begins");
    for record in records {
        writer.write(record.as_bytes()).expect("is a record");
    }
    writer.finish().expect("ends")
}

fn text(bytes: &[u8]) -> String {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return String::from_utf8(bytes.to_vec()).expect("is text");
    }
    let mut text = String::new();
    MultiGzDecoder::new(bytes)
        .read_to_string(&mut text)
        .expect("is packed");
    text
}

/// Records as the service writes them, their texts and numbers of all kinds.
fn records() -> impl Strategy<Value = Vec<String>> {
    let record = (
        any::<u32>(),
        prop::option::of(any::<String>()),
        prop::option::of("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,3})?"),
        prop::option::of(any::<bool>()),
        prop::collection::vec(any::<String>(), 0..3),
    );
    let record = record.prop_map(|(id, words, number, yes, tags)| {
        let words = words.map_or("null".to_owned(), |words| quote(&words));
        let number = number.unwrap_or("null".to_owned());
        let yes = yes.map_or("null".to_owned(), |yes| yes.to_string());
        let tags: Vec<String> = tags.iter().map(|tag| format!("{{\"tag\":{}}}", quote(tag))).collect();
        let tags = tags.join(",");
        format!(
            r#"{{"text":{words},"id":{id},"number":{number},"yes":{yes},"home":{{"city":{words}}},"tags":[{tags}]}}"#
        )
    });
    prop::collection::vec(record, 0..6)
}

proptest! {
    #[test]
    fn lines_and_arrays_hold_the_records_as_they_came(records in records(), packed: bool) {
        let lines = text(&written(&layout(Form::Ndjson, packed), &records));
        assert_eq!(lines.lines().map(str::to_owned).collect::<Vec<_>>(), records);
        let array = text(&written(&layout(Form::Json, packed), &records));
        let array = Json::parse(&array).expect("is JSON");
        let expected = Json::parse(&format!("[{}]", records.join(","))).expect("is JSON");
        assert_eq!(array, expected);
    }

    #[test]
    fn cells_say_what_the_values_say(records in records()) {
        let table = text(&written(&layout(Form::Csv, false), &records));
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
        let rows: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>().expect("is CSV");
        assert_eq!(rows.len(), records.len() + 1);
        let head: Vec<&str> = rows[0].iter().collect();
        assert_eq!(head, ["id", "text", "number", "yes", "home.city", "tags"]);
        for (row, record) in rows[1..].iter().zip(&records) {
            let record = Json::parse(record).expect("is JSON");
            let value = |name: &str| record.get(name).cloned().unwrap_or_default();
            let said = |cell: &str| match cell {
                "" => Json::Null,
                cell => text_of(cell).map_or(Json::Null, Json::from),
            };
            assert_eq!(said(&row[1]), value("text"));
            assert_eq!(said(&row[4]), value("text"));
            let number = value("number");
            assert_eq!(row[2], if number.is_null() { String::new() } else { number.to_string() });
            assert_eq!(Json::parse(&row[5]).expect("is JSON"), value("tags"));
        }
    }

    #[test]
    fn a_file_cut_at_a_mark_is_gone_on_with(records in records(), cut in 0..6_usize, packed: bool) {
        for form in Form::ALL {
            let layout = layout(form, packed);
            let cut = cut.min(records.len());
            let mut writer = Writer::begin(Vec::new(), &layout).expect("begins");
            for record in &records[..cut] {
                writer.write(record.as_bytes()).expect("is a record");
            }
            let mark = writer.mark().expect("marks");
            assert_eq!(mark.records, cut as u64);
            let bytes = writer.get_ref().expect("is there").clone();
            // As whoever goes on does it, and as it would have gone on.
            let resumed = Writer::resume(bytes, &layout, &[mark]).expect("goes on");
            let mut whole = Vec::new();
            for mut writer in [writer, resumed] {
                for record in &records[cut..] {
                    writer.write(record.as_bytes()).expect("is a record");
                }
                whole.push(writer.finish().expect("ends"));
            }
            assert_eq!(whole[0], whole[1], "{form}");
            if form != Form::Parquet {
                assert_eq!(text(&whole[0]), text(&written(&layout, &records)), "{form}");
            }
        }
    }
}

#[test]
fn formulas_are_kept_from_being_computed_where_that_is_wanted() {
    let records =
        [r#"{"id":1,"text":"=1+1","number":-2.50,"home":{"city":""},"tags":null}"#.to_owned()];
    let raw = layout(Form::Csv, false);
    let safe = Layout {
        formula_safe: true,
        ..raw.clone()
    };
    for (layout, row) in [(raw, "1,=1+1,-2.50,,\\E,"), (safe, "1,'=1+1,-2.50,,\\E,")] {
        let table = text(&written(&layout, &records));
        assert_eq!(table.lines().nth(1), Some(row));
    }
}

#[test]
fn names_say_the_form() {
    for (name, form) in [
        ("a.ndjson", Some(Form::Ndjson)),
        ("a.b/c.JSONL.gz", Some(Form::Ndjson)),
        ("a.json.gz", Some(Form::Json)),
        ("a.csv", Some(Form::Csv)),
        ("a.parquet", Some(Form::Parquet)),
        ("a.gz", None),
        ("csv", None),
        ("", None),
    ] {
        assert_eq!(Form::of(Path::new(name)), form, "{name}");
    }
}

#[test]
fn what_has_no_column_stops_a_table() {
    for form in [Form::Csv, Form::Parquet] {
        let mut writer = Writer::begin(Vec::new(), &layout(form, false)).expect("begins");
        let error = writer.write(br#"{"id":1,"new":2}"#).expect_err("is lost");
        assert!(matches!(error, WriteError::Unknown(name) if name == "new"));
        writer
            .write(br#"{"id":1,"new":null}"#)
            .expect("loses nothing");
    }
    let mut writer = Writer::begin(Vec::new(), &layout(Form::Parquet, false)).expect("begins");
    let error = writer
        .write(br#"{"id":99999999999999999999}"#)
        .expect_err("is too large");
    assert!(matches!(error, WriteError::Misfit(name) if name == "id"));
}

/// The bytes that other programs were seen to read: the footer, and a page.
#[test]
fn parquet_is_written_as_it_was_read_by_others() {
    let records = [
        r#"{"id":7,"text":"é","number":1.50,"yes":true,"home":{"city":null},"tags":[{"tag":"x"}]}"#,
        r#"{"id":-8,"text":null,"number":null,"yes":false,"home":{"city":null},"tags":[]}"#,
    ];
    let file = written(&layout(Form::Parquet, false), &records.map(str::to_owned));
    assert_eq!(
        (&file[..4], &file[file.len() - 4..]),
        (&b"PAR1"[..], &b"PAR1"[..])
    );
    // The page of `text`: rows with a value, then a length and its bytes.
    let pages: Vec<usize> = (0..file.len() - 2)
        .filter(|at| file[*at..].starts_with(&[0x1f, 0x8b, 8]))
        .collect();
    assert_eq!(pages.len(), 6);
    let page = |place: usize| {
        let mut page = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(&file[pages[place]..]);
        decoder.read_to_end(&mut page).expect("is packed");
        page
    };
    assert_eq!(
        page(1),
        [&[2, 0, 0, 0, 3, 1, 2, 0, 0, 0][..], "é".as_bytes()].concat()
    );
    assert_eq!(page(0)[..6], [2, 0, 0, 0, 4, 1]);
    assert_eq!(
        page(0)[6..],
        [7_i64.to_le_bytes(), (-8_i64).to_le_bytes()].concat()
    );
    assert_eq!(page(3), [2, 0, 0, 0, 4, 1, 1]);
    assert_eq!(page(4), [2, 0, 0, 0, 4, 0], "no row has a city");
}
