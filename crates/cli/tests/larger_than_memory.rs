//! `adflux predict` in memory that does not grow with the table.
#![cfg(target_os = "linux")]

use crate::{adflux, err, text};
use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

const ROWS: usize = 2_000_000;
/// The file is larger than this, and so is the table in it.
const MOST_MIB: u64 = 256;

/// Rows that come again after a thousand.
fn table(path: &Path, rows: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let filler = "an ad text that no model reads and that makes the table large; ".repeat(2);
    writeln!(file, "ad,platform,budget,text,clicks").unwrap();
    for row in 0..rows {
        let (i, platform) = (row % 1000, ["META", "GOOGLE", "TIKTOK"][row % 1000 % 3]);
        writeln!(file, "ad{row},{platform},{}.5,{filler}{i},{}", i * 7 % 500, i * 7 % 500 / 10 + i % 3).unwrap();
    }
    file.flush().unwrap();
}

fn model(folder: &TempDir) -> PathBuf {
    let (small, model) = (folder.path().join("small.csv"), folder.path().join("clicks.adflux"));
    table(&small, 1000);
    let train = ["train", text(&small), "--target", "clicks", "--include", "platform,budget", "-o", text(&model)];
    let done = adflux(&[&train[..], &["--param", "n_estimators=3", "--param", "max_depth=4"]].concat());
    assert!(done.status.success(), "{}", err(&done));
    model
}

/// The most memory that a process had, in MiB, as far as it was seen before it ended.
fn peak(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? >> 10)
}

#[test]
fn two_million_rows_are_scored_in_less_memory_than_they_take() {
    let folder = TempDir::new().unwrap();
    let model = model(&folder);
    let (large, output) = (folder.path().join("large.csv"), folder.path().join("scores.csv"));
    table(&large, ROWS);
    let bytes = large.metadata().unwrap().len();
    assert!(bytes >> 20 > MOST_MIB, "{bytes}");

    let predict = ["predict", text(&model), text(&large), "--id", "ad", "-o", text(&output)];
    let mut child = Command::new(env!("CARGO_BIN_EXE_adflux")).args(predict).stderr(Stdio::piped()).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(peak(child.id()).unwrap_or_default());
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{}", err(&child.wait_with_output().unwrap()));
    assert!(most > 10 && most < MOST_MIB, "{most} MiB for a table of {} MiB", bytes >> 20);

    // Every row is there, in its order, and equal rows are predicted equally wherever they stand.
    let lines = BufReader::new(File::open(&output).unwrap()).lines().map(Result::unwrap);
    let mut first: Vec<String> = Vec::new();
    let mut rows = 0;
    for (row, line) in lines.skip(1).enumerate() {
        let (id, prediction) = line.split_once(',').unwrap();
        assert_eq!(id, format!("ad{row}"));
        match first.get(row % 1000) {
            Some(expected) => assert_eq!(prediction, expected, "row {row}"),
            None => first.push(prediction.into()),
        }
        rows += 1;
    }
    assert_eq!(rows, ROWS);
}

#[test]
fn an_error_far_down_names_the_row_of_the_file_and_leaves_the_old_output() {
    let folder = TempDir::new().unwrap();
    let model = model(&folder);
    let (later, output) = (folder.path().join("later.csv"), folder.path().join("scores.csv"));
    let rows: String =
        (0..120_000).map(|i| format!("META,{}\n", if i == 110_000 { "many".into() } else { i.to_string() })).collect();
    std::fs::write(&later, format!("platform,budget\n{rows}")).unwrap();
    std::fs::write(&output, "old").unwrap();
    let said = crate::fails(&["predict", text(&model), text(&later), "-o", text(&output)]);
    assert_eq!(said, format!("{}: column `budget`, row 110001: `many` where a number is wanted", later.display()));
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "nothing is left beside the files");
}

#[test]
fn several_files_and_parquet_are_predicted_too_and_never_written_over() {
    let folder = TempDir::new().unwrap();
    let model = model(&folder);
    for (name, from) in [("ads-1.csv", 0), ("ads-2.csv", 3)] {
        let rows: String = (from..from + 3).map(|i| format!("META,{i}\n")).collect();
        std::fs::write(folder.path().join(name), format!("platform,budget\n{rows}")).unwrap();
    }
    let (pattern, output) = (folder.path().join("ads-*.csv"), folder.path().join("scores.parquet"));
    let done = adflux(&["predict", text(&model), text(&pattern), "-o", text(&output)]);
    assert!(done.status.success(), "{}", err(&done));
    let scores = adflux::data::Frame::read(&output).unwrap();
    assert_eq!((scores.rows(), scores.names().collect::<Vec<_>>()), (6, vec!["prediction"]));
    let over = folder.path().join("ads-2.csv");
    let said = crate::fails(&["predict", text(&model), text(&pattern), "-o", text(&over)]);
    assert!(said.ends_with("ads-2.csv: named twice: it would be written over"), "{said}");
}
