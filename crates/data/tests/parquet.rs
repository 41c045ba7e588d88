//! Parquet: files of Arrow, files of our own, and damaged ones.

use adflux_data::{ColumnKind, Frame, Schema, TableFormat, TableWriter};
use std::path::{Path, PathBuf};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/data").join(name)
}

fn ads(rows: usize) -> Frame {
    Frame::builder()
        .optional_texts("city", (0..rows).map(|i| (i % 5 != 0).then(|| format!("city {}", i % 7))))
        .optional_numbers("ctr", (0..rows).map(|i| (i % 3 != 0).then_some(i as f64 / 7.0)).collect())
        .integers("clicks", (0..rows).map(|i| i as i64 - 5).collect())
        .booleans("live", (0..rows).map(|i| i % 2 == 0).collect())
        .build()
        .unwrap()
}

fn same(a: &Frame, b: &Frame) {
    assert_eq!(a.schema(), b.schema());
    for name in a.names() {
        assert_eq!(a.categories(name).unwrap(), b.categories(name).unwrap(), "{name}");
    }
}

#[test]
fn every_type_of_arrow_is_read_or_refused_by_name() {
    let frame = Frame::read(golden("types.parquet")).unwrap();
    assert_eq!(frame.rows(), 3);
    for (name, ends) in [
        ("int8", [-128.0, 127.0]),
        ("uint8", [0.0, 255.0]),
        ("int16", [-32768.0, 32767.0]),
        ("uint16", [0.0, 65535.0]),
        ("int32", [-2147483648.0, 2147483647.0]),
        ("uint32", [0.0, 4294967295.0]),
        ("int64", [i64::MIN as f64, i64::MAX as f64]),
        ("uint64", [0.0, u64::MAX as f64]),
        ("double", [0.1, -1e300]),
        ("truth", [1.0, 0.0]),
        ("date", [20513.0, -1.0]),
        ("ms", [20513.0 + 12.5 / 24.0; 2]),
        ("us", [20513.0 + 12.5 / 24.0; 2]),
        ("ns", [20513.0 + 12.5 / 24.0; 2]),
    ] {
        let numbers = frame.numbers(name).unwrap();
        assert_eq!([numbers[0], numbers[2]], ends, "{name}");
        assert!(numbers[1].is_nan(), "{name}");
    }
    assert_eq!((frame.numbers("float").unwrap()[0], frame.missing_in("float").unwrap()), (0.5, 2));
    for (name, texts) in [("text", ["Bogotá", "", ""]), ("large", ["a", "", "b"]), ("category", ["META", "", "META"])]
    {
        assert_eq!(frame.texts(name).unwrap()[..], texts, "{name}");
    }
    assert_eq!((frame.missing_in("text").unwrap(), frame.kind_of("nothing").unwrap()), (1, ColumnKind::Text));
    let kinds = ["truth", "category", "date", "us"].map(|name| frame.kind_of(name).unwrap());
    assert_eq!(kinds, [ColumnKind::Boolean, ColumnKind::Text, ColumnKind::Time, ColumnKind::Time]);
    for (name, what) in [
        ("decimal", "decimals"),
        ("time", "times of day"),
        ("duration", "durations"),
        ("bytes", "bytes"),
        ("list", "lists"),
        ("struct", "values of several fields"),
    ] {
        let path = golden(&format!("{name}.parquet"));
        let error = Frame::read(&path).unwrap_err().to_string();
        let expected =
            format!("{}: column `{name}`: holds {what}, which are not read from Parquet: save it as ", path.display());
        assert!(error.starts_with(&expected), "{error}");
    }
    let encoded = Frame::read(golden("encodings.parquet")).unwrap();
    assert_eq!(encoded.texts("text").unwrap()[..], ["Bogotá", "", "Bogotá", "", "", "Bogotá", "Bogotá"]);
    assert_eq!(encoded.numbers("truth").unwrap()[..4], [1.0, 0.0, 1.0, 0.0]);
    for (name, column) in [("delta_numbers", "int64"), ("delta_lengths", "text"), ("delta_texts", "text")] {
        let error = Frame::read(golden(&format!("{name}.parquet"))).unwrap_err().to_string();
        assert!(
            error.contains(&format!("column `{column}`: is encoded as differences (DELTA), which is not read")),
            "{error}"
        );
    }
    assert_eq!((encoded.numbers("double").unwrap()[3], encoded.missing_in("int64").unwrap()), (-1e300, 1));
    assert!(Frame::read(golden("empty.parquet")).unwrap_err().to_string().ends_with("the file has no rows"));
}

#[test]
fn what_is_written_is_read_back_at_once_and_in_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, pieces) = (folder.path().join("a.parquet"), folder.path().join("b.PQ"));
    ads(100).write(&whole).unwrap();
    same(&Frame::read(&whole).unwrap(), &ads(100));
    let mut bytes = Vec::new();
    ads(100).write_parquet_to(&mut bytes).unwrap();
    same(&Frame::read_parquet_bytes(&bytes, "bytes").unwrap(), &ads(100));

    std::fs::write(&pieces, "old").unwrap();
    let mut writer = TableWriter::create(&pieces).unwrap();
    for _ in 0..3 {
        writer.write(&ads(100)).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&pieces).unwrap(), "old");
    writer.finish().unwrap();
    for rows in [1, 7, 60, 100, 1000] {
        let chunks: Vec<_> = Frame::chunks(&pieces, rows, &Schema::default()).unwrap().map(Result::unwrap).collect();
        assert!(chunks.iter().all(|chunk| chunk.frame.rows() <= rows.min(100)));
        let stacked = chunks.iter().skip(1).fold(chunks[0].frame.clone(), |all, chunk| {
            assert_eq!(chunk.first_row, all.rows());
            all.stack(&chunk.frame).unwrap()
        });
        same(&stacked, &ads(100).stack(&ads(100)).unwrap().stack(&ads(100)).unwrap());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside the files");
    assert_eq!(TableFormat::of(&pieces).unwrap(), TableFormat::Parquet);
}

#[test]
fn pieces_have_one_type_a_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let mut writer = TableWriter::create(&path).unwrap();
    writer.write(&Frame::builder().integers("x", vec![1, 2]).build().unwrap()).unwrap();
    let error = writer.write(&Frame::builder().texts("x", ["many"]).build().unwrap()).unwrap_err().to_string();
    assert!(error.starts_with("column `x`: holds str, where the rows before have i64"), "{error}");
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn several_files_are_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, frame: Frame| frame.write(folder.path().join(name)).unwrap();
    write("1.parquet", Frame::builder().integers("x", vec![1]).texts("t", ["a"]).build().unwrap());
    write("2.parquet", Frame::builder().optional_texts("t", [None::<&str>]).numbers("x", vec![0.5]).build().unwrap());
    let frame = Frame::read(folder.path().join("*.parquet")).unwrap();
    assert_eq!((frame.numbers("x").unwrap(), frame.missing_in("t").unwrap()), (vec![1.0, 0.5], 1));
    write("3.parquet", Frame::builder().texts("t", ["b"]).texts("x", ["many"]).build().unwrap());
    let error = Frame::read(folder.path().join("*.parquet")).unwrap_err().to_string();
    assert!(error.contains("3.parquet: column `x`: holds str, where the files before have f64"), "{error}");
}

#[test]
fn files_that_are_none_are_called_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let said = |bytes: &[u8]| {
        let path = folder.path().join("a.parquet");
        std::fs::write(&path, bytes).unwrap();
        let message = Frame::read(&path).unwrap_err().to_string();
        let mut chunks = Frame::chunks(&path, 10, &Schema::default()).unwrap();
        assert_eq!(chunks.next().unwrap().unwrap_err().to_string(), message);
        message.replace(&format!("{}: ", path.display()), "")
    };
    assert_eq!(said(b""), "the file is empty");
    assert!(said(b"a,b\n1,2\n").starts_with("not a Parquet file: give it the ending of what it is"));
    assert!(said(b"PARE1234").starts_with("an encrypted Parquet file"));
    assert!(said(b"PK\x03\x04....").starts_with("a zip file"));
    assert!(said(b"PAR1").starts_with("the end is damaged: it is cut short"));
    assert!(said(b"PAR1\xff\xff\xff\x7fPAR1").starts_with("the end is damaged: it is cut short"));
    assert!(Frame::read(folder.path().join("absent.parquet")).unwrap_err().to_string().contains("No such file"));
}

/// Every byte changed and every length: an error in one line that names the file, or a table; never a panic.
#[test]
fn damage_is_an_error_wherever_it_is() {
    let mut whole = Vec::new();
    ads(60).write_parquet_to(&mut whole).unwrap();
    let looked_at = |bytes: &[u8]| match Frame::read_parquet_bytes(bytes, "hurt.parquet") {
        Ok(frame) => {
            for name in frame.names() {
                assert_eq!(frame.texts(name).unwrap().len(), frame.rows());
            }
            true
        }
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains("hurt.parquet") && !said.contains('\n'), "{said}");
            false
        }
    };
    assert!(looked_at(&whole));
    for length in 0..whole.len() {
        assert!(!looked_at(&whole[..length]), "{length}");
    }
    let peers = ["types.parquet", "encodings.parquet"].map(|name| std::fs::read(golden(name)).unwrap());
    for golden in peers.into_iter().chain([whole]) {
        let mut refused = 0;
        for place in 0..golden.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut hurt = golden.clone();
                hurt[place] ^= change;
                refused += usize::from(!looked_at(&hurt));
            }
        }
        assert!(refused > golden.len() / 2, "{refused} of {} changes were seen", 3 * golden.len());
    }
}
