//! Tables as they come: each is read as what it is, or refused in one line that says where and what to do.

use adflux_data::{ColumnKind, Frame};
use std::path::Path;

fn read(text: impl AsRef<[u8]>) -> Frame {
    Frame::read_csv_bytes(text.as_ref(), "ads.csv").unwrap()
}

/// What is said about the file, without its name in front.
fn refusal(text: impl AsRef<[u8]>) -> String {
    let message = Frame::read_csv_bytes(text.as_ref(), "ads.csv").unwrap_err().to_string();
    assert!(!message.contains('\n') && message.len() < 250, "{message}");
    message.strip_prefix("ads.csv: ").unwrap_or_else(|| panic!("{message}")).to_string()
}

fn kinds(frame: &Frame) -> Vec<(String, ColumnKind)> {
    frame.schema().fields.into_iter().map(|f| (f.name, f.kind)).collect()
}

#[test]
fn nothing_and_next_to_nothing() {
    let empty = "the file is empty, or its first line is: a header line is needed";
    for text in ["", "\n", "\r\n", "  \na,b\n1,2\n", "\u{feff}"] {
        assert_eq!(refusal(text), empty, "{text:?}");
    }
    for text in ["a,b", "a,b\n", "a,b\r\n\r\n"] {
        assert_eq!(refusal(text), "a header line and no rows", "{text:?}");
    }
    for text in ["a,b\n1,2\n", "a,b\n1,2", "\u{feff}a,b\r\n1,2\r\n", "a,b\r1,2\r", "a,b\r1,2", "a,b\n\n1,2\n\n  \n"] {
        assert_eq!((read(text).rows(), read(text).numbers("b").unwrap()), (1, vec![2.0]), "{text:?}");
    }
}

#[test]
fn blank_lines_are_rows_only_in_a_table_of_one_column() {
    assert_eq!(read("a,b\n1,\"x\n\ny\"\n\n2,z\n").rows(), 2);
    let one = read("a\n1\n\n3\n").numbers("a").unwrap();
    assert!(one.len() == 3 && one[1].is_nan());
    let first = read("a\n\n1\n").numbers("a").unwrap();
    assert!(first.len() == 2 && first[0].is_nan());
    assert_eq!((read("a\n\n\n").rows(), read("a\n\n\n").missing_in("a").unwrap()), (2, 2));
    // As they are written, so they are read.
    let frame = Frame::builder().optional_texts("a", [None, Some(""), Some("x"), None]).build().unwrap();
    let mut text = Vec::new();
    frame.write_csv_to(&mut text).unwrap();
    assert_eq!(read(&text).categories("a").unwrap(), frame.categories("a").unwrap());
}

#[test]
fn a_column_without_values_is_text_and_can_be_asked_for_as_numbers() {
    let frame = read("a,b\n1,\n2,\n");
    assert_eq!(frame.kind_of("b").unwrap(), ColumnKind::Text);
    assert_eq!(frame.missing_in("b").unwrap(), 2);
    assert!(frame.numbers("b").unwrap().iter().all(|v| v.is_nan()));
    let json = Frame::read_ndjson_bytes(b"{\"b\":null}\n{\"b\":null}\n", "ads").unwrap();
    assert_eq!(json.kind_of("b").unwrap(), ColumnKind::Text);
}

#[test]
fn names_are_trimmed_completed_and_distinct() {
    let frame = read(",b, c ,\"d \"\"x\"\",\n y\"\n1,2,3,4\n");
    assert_eq!(frame.names().collect::<Vec<_>>(), ["column 1", "b", "c", "d \"x\",\n y"]);
    // What a spreadsheet writes behind the last column.
    let frame = read("a,b,,\n1,2,,\n");
    assert_eq!((frame.names().count(), frame.missing_in("column 4").unwrap()), (4, 1));
    for header in ["a,b,a", "a,b, a ", "\"a\",b,a"] {
        let error = Frame::read_csv_bytes(format!("{header}\n1,2,3\n").as_bytes(), "ads.csv").unwrap_err();
        assert_eq!(error.to_string(), "column `a`: stands twice in the header of ads.csv: rename one");
    }
}

#[test]
fn nan_is_missing_and_infinity_a_number_that_models_refuse() {
    let frame = read("x,name\n1.5,Nan\nNaN,inf\n-inf,Nan\n");
    assert_eq!(kinds(&frame), [("x".into(), ColumnKind::Number), ("name".into(), ColumnKind::Text)]);
    assert_eq!((frame.missing_in("x").unwrap(), frame.numbers("x").unwrap()[2]), (1, f64::NEG_INFINITY));

    let x = ndarray::Array2::from_shape_vec((3, 1), frame.numbers("x").unwrap()).unwrap();
    let refusal = |rows: &[usize]| {
        let x = x.select(ndarray::Axis(0), rows);
        adflux_core::Features::from_dense(x, ["x"]).unwrap().require_finite("k-means").unwrap_err().to_string()
    };
    assert!(refusal(&[0, 1]).starts_with("column `x`, row 2: a missing value"), "{}", refusal(&[0, 1]));
    assert!(refusal(&[0, 2]).starts_with("column `x`, row 2: "), "{}", refusal(&[0, 2]));
}

#[test]
fn numbers_in_the_ways_that_people_write_them() {
    for (fields, numbers) in [
        (["1", "+2", " 3 "], [1.0, 2.0, 3.0]),
        (["1e3", ".5", "2."], [1e3, 0.5, 2.0]),
        (["\"7\"", "\"8\"", "9"], [7.0, 8.0, 9.0]),
        (["100000000000000000000", "1", "2"], [1e20, 1.0, 2.0]),
    ] {
        let frame = read(format!("x,y\n{}\n", fields.map(|f| format!("{f},")).join("\n")));
        assert_eq!((frame.kind_of("x").unwrap(), frame.numbers("x").unwrap()), (ColumnKind::Number, numbers.to_vec()));
    }
    // Quoted and empty among numbers is missing, among texts an empty text.
    let frame = read("x,y\n\"\",\"\"\n5,a\n");
    assert_eq!((frame.missing_in("x").unwrap(), frame.missing_in("y").unwrap()), (1, 0));
    let frame = read("x\nTRUE\nfalse\n");
    assert_eq!((frame.kind_of("x").unwrap(), frame.numbers("x").unwrap()), (ColumnKind::Boolean, vec![1.0, 0.0]));
}

#[test]
fn decimal_commas_are_numbers_between_semicolons_unless_they_may_mean_thousands() {
    let frame = read("ctr;budget;mixed;text\n0,012;1,234;1.5;1,5\n0,5;12,000;1,5;a\n3;7;2;2\n");
    assert_eq!(frame.numbers("ctr").unwrap(), [0.012, 0.5, 3.0]);
    for name in ["budget", "mixed", "text"] {
        assert_eq!(frame.kind_of(name).unwrap(), ColumnKind::Text, "{name}");
    }
    let hint = "write it with a decimal point, and nothing between thousands";
    let error = frame.numbers("budget").unwrap_err().to_string();
    assert_eq!(error, format!("column `budget`, row 1: `1,234` where a number is wanted: {hint}"));
    // Between commas they have to be in quotes, and stay text.
    assert_eq!(read("a,b\n\"1,5\",2\n").kind_of("a").unwrap(), ColumnKind::Text);
}

#[test]
fn broken_quotes_are_named_by_line() {
    let inside =
        "a quote inside a field: put the whole field in quotes and write the quote twice, as in \"5\"\" screen\"";
    assert_eq!(refusal("a,b\n1,2\n2,\"3\n4,5\n"), "line 3: the quote that opens here is never closed");
    assert_eq!(refusal("a,\"b\n1,2\n"), "line 1: the quote that opens here is never closed");
    for text in ["a,b\n1,5\" screen\n", "a,b\n1,\"x\"y\n", "a,b\n1, \"x, y\"\n", "a,b\n1,\"x\" \n"] {
        assert_eq!(refusal(text), format!("line 2: {inside}"), "{text:?}");
    }
    // A quote that was forgotten closes at the next one that opens.
    assert_eq!(refusal("a,b\n1,\"x\n2,y\n3,\"z\"\n"), format!("line 4: {inside}"));
}

#[test]
fn rows_of_another_width_are_named_by_line() {
    let holds = |s| format!("a field that holds a `{s}` has to be in quotes");
    assert_eq!(refusal("a,b\n1,2\n1,2,3\n"), format!("line 3: 3 fields, where the header has 2: {}", holds(',')));
    assert_eq!(refusal("a;b\n1;2;\n"), format!("line 2: 3 fields, where the header has 2: {}", holds(';')));
    let few = "where the header has 3: is one missing, or a line broken inside a field that is not in quotes?";
    assert_eq!(refusal("a,b,c\n\"1\n\",2,3\n1,2\n"), format!("line 4: 2 fields, {few}"));
    assert_eq!(refusal("a\tb\tc\n1\n"), format!("line 2: 1 field, {few}"));
}

#[test]
fn other_encodings_and_other_files_are_called_by_name() {
    let utf_8 = "save the file as UTF-8, in Excel as “CSV UTF-8”";
    assert_eq!(refusal(b"city\nMadrid\nBogot\xe1\n"), format!("line 3 is not UTF-8 (Latin-1, perhaps): {utf_8}"));
    let utf_16 = format!("the text is in UTF-16: {utf_8}");
    assert_eq!(refusal(b"\xff\xfea\0,\0b\0\n\0"), utf_16);
    assert_eq!(refusal(b"\xfe\xff\0a\0,\0b\0\n"), utf_16);
    assert!(refusal(b"a\0,\0b\0\n\0").starts_with("line 1 holds a zero byte: it is no text, or text in UTF-16"));
    assert_eq!(refusal(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "an image, not a table");
    assert!(refusal(b"PK\x03\x04\x14\0").starts_with("a zip file or a spreadsheet, not text: save the table as CSV"));
    assert_eq!(refusal(b"PAR1\x15"), "a Parquet file, not text: give it the ending .parquet");
    assert_eq!(refusal(b"\x1f\x8b\x08"), "compressed with gzip: unpack it first");
    let json = Frame::read_ndjson_bytes(b"{\"a\": 1}\n{\"a\": \"\xe1\"}\n", "ads.ndjson").unwrap_err().to_string();
    assert_eq!(json, format!("ads.ndjson: line 2 is not UTF-8 (Latin-1, perhaps): {utf_8}"));
}

#[test]
fn paths_that_lead_to_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &Path| {
        let message = Frame::read(path).unwrap_err().to_string();
        assert!(!message.contains('\n'), "{message}");
        message.strip_prefix(&format!("{}: ", path.display())).unwrap_or_else(|| panic!("{message}")).to_string()
    };
    for name in ["folder.csv", "folder.ndjson"] {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).unwrap();
        assert_eq!(said(&path), "a folder, where a file is wanted");
    }
    assert!(said(&folder.path().join("absent.csv")).starts_with("No such file"));
    assert!(said(&folder.path().join("absent.jsonl")).starts_with("No such file"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let closed = folder.path().join("closed.csv");
        std::fs::write(&closed, "a\n1\n").unwrap();
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser reads it all the same.
        match std::fs::read(&closed) {
            Ok(_) => assert_eq!(Frame::read(&closed).unwrap().rows(), 1),
            Err(_) => assert!(said(&closed).starts_with("Permission denied")),
        }
    }
}

#[test]
fn large_and_odd_shapes() {
    let long = "x".repeat(1 << 20);
    let frame = read(format!("a,b\n{long},1\n\"{long}\",2\n"));
    assert_eq!(frame.texts("a").unwrap()[1].len(), 1 << 20);
    let column: String = (0..10_000).map(|i| format!("level {i}\n")).collect();
    assert_eq!(read(format!("c\n{column}")).categories("c").unwrap().levels.len(), 10_000);
    let names: Vec<String> = (0..5_000).map(|i| format!("c{i}")).collect();
    let wide = read(format!("{}\n{}\n{}\n", names.join(","), vec!["1"; 5_000].join(","), vec!["x"; 5_000].join(",")));
    assert_eq!((wide.rows(), wide.names().count()), (2, 5_000));
    let object: Vec<String> = names.iter().map(|n| format!("\"{n}\":1")).collect();
    let wide = Frame::from_json(&format!("{{{}}}", object.join(","))).unwrap();
    assert_eq!(wide.names().count(), 5_000);
}
