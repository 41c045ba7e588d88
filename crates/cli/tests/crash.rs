//! Ctrl-C, kill -9 and a full disk: the old file or the new one, nothing between.
#![cfg(unix)]

use crate::{adflux, err, fails, out, text};
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

fn campaigns(folder: &TempDir, rows: usize) -> PathBuf {
    let file = folder.path().join("campaigns.csv");
    let done = adflux(&["simulate", "campaigns", "--rows", &rows.to_string(), "-o", text(&file)]);
    assert!(done.status.success(), "{}", err(&done));
    file
}

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_adflux"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    // The shell has `kill` built in; the program need not be installed.
    assert!(Command::new("sh").args(["-c", &format!("kill {name} {}", child.id())]).status().unwrap().success());
}

fn names(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    all.sort();
    all
}

#[test]
fn ctrl_c_ends_training_soon_and_leaves_the_old_file() {
    let folder = TempDir::new().unwrap();
    let (file, model) = (campaigns(&folder, 4000), folder.path().join("m.adflux"));
    std::fs::write(&model, "the old file").unwrap();
    let trees = ["--param", "n_estimators=20000", "-o", text(&model)];
    let child = start(&[&["train", text(&file), "--target", "clicks"][..], &trees].concat());
    sleep(Duration::from_millis(1500));
    signal(&child, "-INT");
    let asked = Instant::now();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", err(&done));
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    assert!(err(&done).ends_with("adflux: cancelled\n"), "{}", err(&done));
    assert_eq!(std::fs::read_to_string(&model).unwrap(), "the old file");
    assert_eq!(names(folder.path()), ["campaigns.csv", "m.adflux"]);
}

/// Kills the command at moments spread over its run, and asserts that `target` is then one of `whole`.
fn killed(arguments: &[&str], target: &Path, whole: &[Vec<u8>]) {
    let start_of_all = Instant::now();
    assert!(start(arguments).wait().unwrap().success());
    let lasts = start_of_all.elapsed();
    let mut done = 0;
    const KILLS: u32 = 24;
    for i in 0..KILLS {
        std::fs::write(target, &whole[0]).unwrap();
        let mut child = start(arguments);
        // Saving is at the end: most kills fall there, and some after it.
        sleep(lasts.mul_f64(0.5 + 0.6 * f64::from(i) / f64::from(KILLS)));
        let _ = child.kill();
        child.wait().unwrap();
        let found = std::fs::read(target).unwrap();
        let which = whole.iter().position(|w| *w == found);
        assert!(which.is_some(), "after kill {i}: {} bytes that are neither the old file nor the new", found.len());
        done += usize::from(which == Some(1));
    }
    assert!(done < KILLS as usize, "no kill fell before the end");
}

#[test]
fn kill_9_while_writing_a_table_leaves_the_old_or_the_new() {
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("out.csv");
    let arguments = ["simulate", "campaigns", "--rows", "20000", "-o", text(&target)];
    assert!(start(&arguments).wait().unwrap().success());
    let new = std::fs::read(&target).unwrap();
    killed(&arguments, &target, &[b"the old file".to_vec(), new]);
}

#[test]
fn kill_9_while_saving_a_pipeline_leaves_one_that_loads() {
    let folder = TempDir::new().unwrap();
    let (file, model) = (campaigns(&folder, 3000), folder.path().join("m.adflux"));
    let train = ["train", text(&file), "--target", "clicks", "--test-size", "0", "-o", text(&model)];
    let arguments = [&train[..], &["--param", "n_estimators=100"]].concat();
    let began = Instant::now();
    assert!(start(&arguments).wait().unwrap().success());
    let lasts = began.elapsed();
    for i in 0..12 {
        let mut child = start(&arguments);
        sleep(lasts.mul_f64(0.7 + 0.35 * f64::from(i) / 12.0));
        let _ = child.kill();
        child.wait().unwrap();
        let told = adflux(&["inspect", text(&model)]);
        assert!(told.status.success() && out(&told).contains("undamaged"), "after kill {i}: {}", err(&told));
    }
}

/// A file system of its own with so many KiB, or `None` where one cannot be had.
struct Small(TempDir);

impl Small {
    fn new(kib: usize) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|s| s.success()) {
            return Some(Small(folder));
        }
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "skipped: a small file system cannot be mounted here");
        None
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_leaves_the_old_file_and_nothing_beside_it() {
    let Some(small) = Small::new(64) else { return };
    let folder = TempDir::new().unwrap();
    let file = campaigns(&folder, 2000);
    for (name, arguments) in [
        ("out.csv", ["simulate", "campaigns", "--rows", "5000", "-o"].to_vec()),
        ("m.adflux", ["train", text(&file), "--target", "clicks", "-o"].to_vec()),
    ] {
        let target = small.0.path().join(name);
        std::fs::write(&target, "the old file").unwrap();
        let said = fails(&[&arguments[..], &[text(&target)]].concat());
        assert!(said.contains(name) && said.contains("No space left"), "{said}");
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "the old file");
    }
    assert_eq!(names(small.0.path()), ["m.adflux", "out.csv"]);
}
