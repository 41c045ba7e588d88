use adflux_core::Categories;
use adflux_data::{ColumnKind, Frame, TableFormat};

fn ads() -> Frame {
    Frame::builder()
        .optional_texts("city", [Some("A, \"B\"\t\nç"), None, Some("Madrid")])
        .numbers("ctr", vec![0.1 + 0.2, f64::NAN, 1e-300])
        .optional_integers("clicks", vec![Some(i64::MAX), None, Some(-1)])
        .booleans("live", vec![true, false, true])
        .build()
        .unwrap()
}

#[test]
fn every_format_gives_back_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["csv", "CSV", "tsv", "tab", "txt", "ndjson", "jsonl", "JSONL"] {
        let path = folder.path().join(format!("ads.{ending}"));
        ads().write(&path).unwrap();
        let back = Frame::read(&path).unwrap();
        assert_eq!(back.schema(), ads().schema(), "{ending}");
        assert_eq!(back.texts("city").unwrap(), ads().texts("city").unwrap(), "{ending}");
        assert_eq!(back.categories("city").unwrap().codes, [0, Categories::MISSING, 1], "{ending}");
        for column in ["ctr", "clicks"] {
            let bits = |f: &Frame| f.numbers(column).unwrap().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&back), bits(&ads()), "{ending}, {column}");
        }
        assert_eq!(back.numbers("live").unwrap(), [1.0, 0.0, 1.0], "{ending}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 8, "nothing is left beside the files");
}

#[test]
fn an_ending_that_is_not_read_is_answered_with_those_that_are() {
    let refusal = |path: &str| {
        let read = Frame::read(path).unwrap_err().to_string();
        assert_eq!(ads().write(path).unwrap_err().to_string(), read);
        read
    };
    let listed =
        "save it as CSV (.csv, .tsv, .txt), as one JSON object a line (.ndjson, .jsonl) or as Parquet (.parquet)";
    assert_eq!(refusal("a.XLSX"), format!("a.XLSX: spreadsheets are not read or written: {listed}"));
    assert_eq!(refusal("a.zip"), format!("a.zip: the ending `.zip` is not known: {listed}"));
    assert_eq!(refusal("ads"), format!("ads: the name has no ending that tells the format: {listed}"));
    assert_eq!(TableFormat::of("-").unwrap(), TableFormat::Csv);
}

#[test]
fn a_file_with_tabs_is_read_whatever_its_ending() {
    let folder = tempfile::tempdir().unwrap();
    for (ending, text) in [("csv", "a\tb\n1\t2\n"), ("tsv", "a\tb\n1\t2\n"), ("txt", "a;b\n1;2\n")] {
        let path = folder.path().join(format!("ads.{ending}"));
        std::fs::write(&path, text).unwrap();
        assert_eq!(Frame::read(&path).unwrap().numbers("b").unwrap(), [2.0], "{ending}");
    }
}

#[test]
fn infinite_numbers_are_not_lost_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let frame = Frame::builder().numbers("x", vec![1.0, f64::INFINITY]).build().unwrap();
    let error = frame.write(folder.path().join("x.ndjson")).unwrap_err().to_string();
    assert!(error.starts_with("column `x`, row 2: is infinite, which JSON does not have"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_device_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file.csv"), folder.path().join("link.csv"));
    std::fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    ads().write(&link).unwrap();
    assert!(link.is_symlink());
    assert_eq!(Frame::read(&file).unwrap().rows(), 3);

    let null = folder.path().join("null.csv");
    std::os::unix::fs::symlink("/dev/null", &null).unwrap();
    ads().write(&null).unwrap();
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn json_lines_may_leave_out_keys_and_change_their_order() {
    let text = "\u{feff}{\"b\": 1, \"a\": \"x\"}\r\n\r\n{\"a\": null, \"b\": 2.5, \"c\": true}\n{\"a\":\"\\u00e9\"}";
    let frame = Frame::read_ndjson_bytes(text.as_bytes(), "ads").unwrap();
    assert_eq!(frame.names().collect::<Vec<_>>(), ["b", "a", "c"]);
    assert_eq!(&frame.texts("a").unwrap()[..], ["x", "", "é"]);
    assert_eq!(frame.kind_of("c").unwrap(), ColumnKind::Boolean);
    assert_eq!(["a", "b", "c"].map(|name| frame.missing_in(name).unwrap()), [1, 1, 2]);
}

#[test]
fn a_column_of_numbers_and_text_is_text_in_csv_and_in_json() {
    let csv = Frame::read_csv_bytes(b"x,y,z\n1,2.5,true\nmany,,0\n", "ads").unwrap();
    let lines = b"{\"x\":1,\"y\":2.5,\"z\":true}\n{\"x\":\"many\",\"z\":0}\n";
    let json = Frame::read_ndjson_bytes(lines, "ads").unwrap();
    for frame in [&csv, &json] {
        assert_eq!(
            ["x", "y", "z"].map(|n| frame.kind_of(n).unwrap()),
            [ColumnKind::Text, ColumnKind::Number, ColumnKind::Text]
        );
        assert_eq!(&frame.texts("x").unwrap()[..], ["1", "many"]);
        assert_eq!(&frame.texts("z").unwrap()[..], ["true", "0"]);
    }
}

#[test]
fn wrong_json_is_refused_in_one_line_that_says_where() {
    let refusal = |text: &str| {
        let refusal = Frame::read_ndjson_bytes(text.as_bytes(), "ads.ndjson").unwrap_err().to_string();
        refusal.strip_prefix("ads.ndjson: ").unwrap_or_else(|| panic!("{refusal}")).to_string()
    };
    let nested = "where one value is wanted: give each of its values a key of its own";
    let second = |text: &str| refusal(&format!("{{\"a\": 1}}\n\n{text}\n"));
    assert_eq!(second("{\"user\": {\"city\": 1}}"), format!("line 3: `user` is an object, {nested}"));
    assert_eq!(second("{\"tags\": [1]}"), format!("line 3: `tags` is an array, {nested}"));
    assert_eq!(second(&format!("{{\"a\": {}", "[".repeat(100_000))), format!("line 3: `a` is an array, {nested}"));
    for cut in ["{\"a\": 2, \"b", "{\"a\": 2,", "{", "{\"a\": tru", "{\"a\": \"\\u00"] {
        assert_eq!(second(cut), "line 3: the JSON ends in the middle");
    }
    assert_eq!(second("{\"a\": 2,}"), "line 3: not JSON at character 9: trailing comma");
    assert_eq!(second("{\"a\": NaN}"), "line 3: not JSON at character 7: expected value");
    assert_eq!(second("{\"a\": 1e999}"), "line 3: not JSON at character 11: number out of range");
    assert_eq!(second("{\"a\": 1}{\"a\": 2}"), "line 3: not JSON at character 9: trailing characters");
    assert_eq!(second("{\"a\": 1, \"b\": 2, \"a\": 1}"), "line 3: `a` comes twice");
    assert_eq!(second("17"), "line 3: integer `17`, where a JSON object is wanted");
    assert_eq!(refusal("[{\"a\": 1}]"), "line 1: an array: write its objects without the brackets, one a line");
    assert_eq!(refusal("\n\n"), "the file has no rows: one JSON object a line is needed");
    assert_eq!(refusal("{}"), "the rows have no columns");
}

#[test]
fn json_of_a_request_is_one_object_or_an_array() {
    assert_eq!(Frame::from_json(" {\"a\": 1} ").unwrap().rows(), 1);
    assert_eq!(Frame::from_json("\n[{\"a\": 1},\n{\"b\": \"x\"}]").unwrap().rows(), 2);
    let refusal = |text: &str| Frame::from_json(text).unwrap_err().to_string();
    assert!(refusal("[{\"a\": 1}, {\"a\": {}}]").starts_with("row 2: `a` is an object, where one value is wanted"));
    assert_eq!(refusal("[{\"a\": 1}, null]"), "row 2: null, where a JSON object is wanted");
    assert_eq!(refusal("7"), "row 1: integer `7`, where a JSON object is wanted");
    assert_eq!(refusal("[\n{\"a\": 1},\nx]"), "row 2: not JSON at line 3, character 1: expected value");
    assert_eq!(refusal("[{\"a\": 1}, {\"b\""), "row 2: the JSON ends in the middle");
    assert_eq!(refusal("[]"), "the JSON array has no rows");
    assert_eq!(refusal(""), "row 1: the JSON ends in the middle");
}

#[test]
fn json_keeps_whole_numbers_that_would_become_others_as_text() {
    let lines =
        b"{\"id\":12345678901234567890,\"n\":9007199254740993,\"m\":1}\n{\"id\":1,\"n\":0.5,\"m\":0.5}\n{\"m\":\"x\"}";
    let frame = Frame::read_ndjson_bytes(lines, "ads").unwrap();
    assert_eq!(frame.texts("id").unwrap()[..], ["12345678901234567890", "1", ""]);
    assert_eq!(frame.texts("n").unwrap()[..], ["9007199254740993", "0.5", ""]);
    assert_eq!(frame.texts("m").unwrap()[..], ["1", "0.5", "x"]);
}

#[test]
fn one_wide_object_before_many_empty_ones_is_refused() {
    let wide: Vec<String> = (0..5_000).map(|key| format!("\"{key}\":1")).collect();
    let text = format!("{{{}}}\n{}", wide.join(","), "{}\n".repeat(400_000));
    let error = Frame::read_ndjson_bytes(text.as_bytes(), "ads").unwrap_err().to_string();
    assert!(error.starts_with("ads: line 2001: `4999` is one of too many names that few rows have"), "{error}");
}

#[test]
fn threads_that_write_one_file_do_not_mix_their_texts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ads.txt");
    let together = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (path, together) = (&path, &together);
            scope.spawn(move || {
                let line = format!("{thread}").repeat(100_000);
                together.wait();
                for _ in 0..20 {
                    adflux_core::replace::replace_file(path, |file| std::io::Write::write_all(file, line.as_bytes()))
                        .unwrap();
                }
            });
        }
    });
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.len() == 100_000 && text.bytes().all(|b| b == text.as_bytes()[0]));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the file");
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_permissions_of_the_old() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ads.csv");
    for mode in [0o600, 0o640, 0o444] {
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        ads().write(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, mode);
        assert_eq!(Frame::read(&path).unwrap().rows(), 3);
        std::fs::remove_file(&path).unwrap();
    }
}
