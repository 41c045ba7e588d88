//! Tables in pieces: what they hold does not depend on where they are cut.

use adflux_data::{ColumnKind, Frame, Schema, TableWriter};
use std::path::Path;

/// Writes `text`, and reads it in chunks of `rows` and as a whole.
fn both(name: &str, text: &str, rows: usize, schema: &Schema) -> (Vec<Frame>, Frame) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let mut next = 0;
    let chunks = Frame::chunks(&path, rows, schema).unwrap().map(|chunk| {
        let chunk = chunk.unwrap();
        assert_eq!((chunk.first_row, chunk.file.as_path()), (next, path.as_path()));
        next += chunk.frame.rows();
        chunk.frame
    });
    (chunks.collect(), Frame::read_with(&path, schema).unwrap())
}

fn refusal(path: &Path, rows: usize) -> String {
    let mut chunks = Frame::chunks(path, rows, &Schema::default()).unwrap();
    let message = chunks.find_map(Result::err).expect("an error").to_string();
    assert!(chunks.next().is_none(), "an error ends the table");
    message.replace(&format!("{}: ", path.display()), "")
}

#[test]
fn records_are_never_cut() {
    let mut text = String::from("\u{feff}n;title;share\r\n");
    for row in 0..100 {
        text.push_str(&format!("{row};\"a; \"\"b\"\"\n\n{row}\";0,5\r\n"));
        if row % 7 == 0 {
            text.push_str("\r\n");
        }
    }
    for rows in [1, 2, 7, 33, 99, 100, 101] {
        let (chunks, whole) = both("ads.csv", &text, rows, &Schema::default());
        assert!(chunks.iter().all(|chunk| chunk.rows() <= rows && chunk.schema() == whole.schema()), "{rows}");
        let numbers: Vec<f64> = chunks.iter().flat_map(|chunk| chunk.numbers("n").unwrap()).collect();
        assert_eq!(numbers, whole.numbers("n").unwrap());
        let texts: Vec<String> = chunks.iter().flat_map(|chunk| chunk.texts("title").unwrap().to_vec()).collect();
        assert_eq!(texts, whole.texts("title").unwrap()[..]);
        assert!(chunks.iter().all(|chunk| chunk.numbers("share").unwrap().iter().all(|v| *v == 0.5)));
    }
}

#[test]
fn fields_longer_than_a_block_are_read() {
    let long = "line\n".repeat(500_000);
    let text = format!("n,note\n1,\"{long}\"\n2,short\n3,\"{long}\"");
    let (chunks, whole) = both("long.csv", &text, 2, &Schema::default());
    assert_eq!(chunks.len(), 2);
    assert_eq!(chunks[1].texts("note").unwrap()[0], long);
    assert_eq!(whole.rows(), 3);
}

#[test]
fn text_stays_text_in_every_chunk() {
    let schema = Frame::builder().texts("zip", ["x"]).numbers("n", vec![1.0]).build().unwrap().schema();
    for (name, text) in [
        ("a.csv", "id,zip,n\nA1,01,1\n2,1.50,2\n3,TRUE,3\n".to_string()),
        ("a.ndjson", "{\"id\":\"A1\",\"zip\":\"01\",\"n\":1}\n{\"n\":2,\"zip\":\"1.50\",\"id\":\"2\"}\n\n{\"zip\":\"TRUE\",\"n\":3,\"id\":\"3\"}".into()),
    ] {
        let (chunks, whole) = both(name, &text, 1, &schema);
        assert_eq!(chunks.len(), 3);
        for column in ["zip", "id"] {
            assert!(chunks.iter().all(|chunk| chunk.kind_of(column).unwrap() == ColumnKind::Text), "{name}, {column}");
            let texts: Vec<String> = chunks.iter().flat_map(|chunk| chunk.texts(column).unwrap().to_vec()).collect();
            assert_eq!(texts, whole.texts(column).unwrap()[..], "{name}, {column}");
        }
    }
}

#[test]
fn a_column_that_changes_its_type_is_refused_or_taken_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "id,n\n1.10,1\n2,\n,3\nA-7,4\n").unwrap();
    assert_eq!(
        refusal(&path, 1),
        "column `id`: is text from row 4 on, and was number in the first rows: say in the schema what it is"
    );
    let ids = Frame::chunks(&path, 1, &Schema::default()).unwrap().others_as_text();
    let ids: Vec<String> = ids.map(|chunk| chunk.unwrap().frame.texts("id").unwrap()[0].clone()).collect();
    assert_eq!(ids, ["1.10", "2", "", "A-7"]);
}

#[test]
fn a_comma_that_was_decimal_before_is_decimal_later() {
    let (chunks, _) = both("a.csv", "x;y\n0,5;1\n1,234;2\n", 1, &Schema::default());
    assert_eq!(chunks[1].numbers("x").unwrap(), [1.234]);
    let (chunks, whole) = both("a.csv", "x;y\n1,234;1\n5,678;2\n", 1, &Schema::default());
    assert_eq!((chunks[0].kind_of("x").unwrap(), whole.kind_of("x").unwrap()), (ColumnKind::Text, ColumnKind::Text));
}

#[test]
fn a_key_that_a_later_chunk_lacks_is_missing_there() {
    let text = "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n{\"c\":true,\"a\":3}\n";
    let (chunks, _) = both("a.ndjson", text, 1, &Schema::default());
    assert_eq!(chunks[1].names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(chunks[2].names().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(chunks[1].missing_in("b").unwrap(), 1);
}

#[test]
fn old_line_ends_and_blank_lines_are_as_in_one_piece() {
    for (text, rows) in [("a,b\r1,2\r3,4\r", 2), ("a\n1\n\n3\n", 3), ("a,b\n\n1,2\n\n\n", 1)] {
        let (chunks, whole) = both("a.csv", text, 1, &Schema::default());
        assert_eq!((chunks.len(), whole.rows()), (rows, rows), "{text:?}");
    }
}

#[test]
fn what_is_wrong_is_named_by_the_line_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let said = |name: &str, text: &[u8], rows| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let whole = Frame::read(&path).unwrap_err().to_string().replace(&format!("{}: ", path.display()), "");
        let said = refusal(&path, rows);
        assert_eq!(said, whole, "{}", String::from_utf8_lossy(text));
        said
    };
    for rows in [1, 2, 100] {
        let lines = "1,2\n".repeat(9);
        let csv = |rest: &str| said("a.csv", format!("a,b\n{lines}{rest}").as_bytes(), rows);
        assert!(csv("1\n2,3\n").starts_with("line 11: 1 field, where the header has 2"));
        assert!(csv("\n\n1,\"x\"y\n").starts_with("line 13: a quote inside a field"));
        assert!(csv("1,\"x\n2,3\n4,5\n").starts_with("line 11: the quote that opens here is never closed"));
        assert!(
            said("a.csv", [b"a,b\n", lines.as_bytes(), b"\xe1,1\n"].concat().as_slice(), rows)
                .starts_with("line 11 is not UTF-8")
        );
        let lines = "{\"a\":1}\n\n".repeat(5);
        assert!(said("a.ndjson", format!("{lines}{{\"a\"").as_bytes(), rows).starts_with("line 11: the JSON ends"));
        for text in ["", "a,b\n", "a,b\n\n\n", "\n1\n", "a,a\n1,2\n", "\u{feff}", "%PDF-1\n", "\"a\n"] {
            said("a.csv", text.as_bytes(), rows);
        }
        said("a.csv", b"\xff\xfea\0\n\0", rows);
        said("a.ndjson", b"\n\n", rows);
        said("a.ndjson", b"\x89PNG\r\n", rows);
        said("a.ndjson", b"[{\"a\":1}]", rows);
    }
}

#[test]
fn chunks_of_several_files_have_the_columns_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("ads-1.csv", "a,b\n1,x\n2,y\n");
    write("ads-2.csv", "b;a\nz;3\n");
    let pattern = folder.path().join("ads-*.csv");
    let chunks: Vec<_> = Frame::chunks(&pattern, 10, &Schema::default()).unwrap().map(Result::unwrap).collect();
    assert_eq!(chunks.iter().map(|c| (c.first_row, c.frame.rows())).collect::<Vec<_>>(), [(0, 2), (0, 1)]);
    assert_eq!(chunks[1].frame.names().collect::<Vec<_>>(), ["a", "b"]);
    assert!(chunks[1].file.ends_with("ads-2.csv"));
    let located = chunks[0].locate(adflux_core::Error::cell("a", 1, "odd")).to_string();
    assert!(located.ends_with("ads-1.csv: column `a`, row 2: odd"), "{located}");
    write("ads-3.csv", "a,c\n1,2\n");
    let error = Frame::chunks(&pattern, 10, &Schema::default()).unwrap().last().unwrap().unwrap_err().to_string();
    assert!(error.contains("ads-3.csv: column `c`: ") && error.contains("ads-1.csv does not have it"), "{error}");
    assert!(Frame::chunks(&pattern, 0, &Schema::default()).unwrap_err().to_string().contains("`rows` = 0"));
}

#[test]
fn a_table_written_in_pieces_is_the_table_written_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let frame = |start: i64| {
        Frame::builder()
            .integers("n", (start..start + 3).collect())
            .texts("t", ["a,b", "c\"", "d\n"])
            .numbers("x", vec![0.1, f64::NAN, start as f64])
            .build()
            .unwrap()
    };
    for ending in ["csv", "tsv", "ndjson"] {
        let (whole, pieces) =
            (folder.path().join(format!("whole.{ending}")), folder.path().join(format!("p.{ending}")));
        frame(0).stack(&frame(3)).unwrap().write(&whole).unwrap();
        std::fs::write(&pieces, "old").unwrap();
        let mut writer = TableWriter::create(&pieces).unwrap();
        writer.write(&frame(0)).unwrap();
        writer.write(&frame(3)).unwrap();
        assert_eq!((writer.rows(), std::fs::read_to_string(&pieces).unwrap().as_str()), (6, "old"));
        writer.finish().unwrap();
        assert_eq!(std::fs::read(&pieces).unwrap(), std::fs::read(&whole).unwrap(), "{ending}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 6, "nothing is left beside the files");
}

#[test]
fn a_table_that_is_not_finished_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.ndjson");
    std::fs::write(&path, "old").unwrap();
    let frame = |x| Frame::builder().numbers("x", vec![1.0, x]).build().unwrap();
    let mut writer = TableWriter::create(&path).unwrap();
    writer.write(&frame(2.0)).unwrap();
    let error = writer.write(&frame(f64::INFINITY)).unwrap_err().to_string();
    assert!(error.starts_with("column `x`, row 4: is infinite"), "{error}");
    drop(writer);
    let mut writer = TableWriter::create(&path).unwrap();
    writer.write(&frame(2.0)).unwrap();
    let other = Frame::builder().numbers("y", vec![1.0]).build().unwrap();
    assert_eq!(writer.write(&other).unwrap_err().to_string(), "columns y below columns x: they must be the same");
    drop(writer);
    assert!(TableWriter::create(&path).unwrap().finish().unwrap_err().to_string().contains("no rows to write"));
    assert!(TableWriter::create(folder.path().join("out.xlsx")).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
