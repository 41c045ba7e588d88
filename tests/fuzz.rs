//! A short run of what `fuzz/` fuzzes: the kept corpus, and changes of it drawn from a fixed seed.

#[path = "../fuzz/src/lib.rs"]
mod bodies;

use adflux::core::random::{Rng, stream};
use rand::{RngExt as _, seq::IndexedRandom as _};
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::{Path, PathBuf},
};

/// Inputs are cut to this length.
const LONGEST: usize = 8192;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

/// The inputs that are kept, in the order of their names.
fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = corpus(target);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Runs `body` on every input that is kept, and on `changes` changes of them, of which it must take at least `taken`: else
/// nothing was tested. The input that fails is left in a file.
fn run(target: &str, body: fn(&[u8]) -> bool, changes: u64, taken: usize) {
    let inputs = kept(target);
    assert!(inputs.len() > 10, "fuzz/corpus/{target} holds {} inputs", inputs.len());
    let check = |input: &[u8]| {
        catch_unwind(AssertUnwindSafe(|| body(input))).unwrap_or_else(|panic| {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"));
            fs::write(&path, input).unwrap();
            eprintln!("the input that failed is in {}", path.display());
            resume_unwind(panic);
        })
    };
    let (good, bad): (Vec<Vec<u8>>, Vec<Vec<u8>>) = inputs.iter().cloned().partition(|input| check(input));
    let changed = (0..changes).filter(|&change| {
        let mut rng = stream(1, &[change]);
        // Most changes make an input worse, so most are made to good ones.
        let of = if rng.random_bool(0.9) { &good } else { &bad };
        let mut input = of.choose(&mut rng).cloned().unwrap_or_default();
        (0..rng.random_range(1..4)).for_each(|_| mutate(&mut input, &inputs, &mut rng));
        input.truncate(LONGEST);
        check(&input)
    });
    let found = changed.count();
    assert!(found >= taken, "{target}: only {found} of {changes} changes were taken");
}

/// One change: a bit, a byte, a run of bytes taken out, doubled, or taken from another input, a number.
fn mutate(input: &mut Vec<u8>, others: &[Vec<u8>], rng: &mut Rng) {
    const TELLING: [&[u8]; 14] = [
        b"\"",
        b"\n",
        b"\r\n",
        b",",
        b";",
        b"0",
        b"-1",
        b"1e999",
        b"nan",
        b"\xff\xff\xff\xff",
        b"\0\0\0\0\0\0\xf0\x7f",
        b"9223372036854775807",
        b"\xc0",
        b"[[[[",
    ];
    let run_in = |bytes: &[u8], rng: &mut Rng| {
        let start = rng.random_range(0..=bytes.len());
        start..(start + rng.random_range(0..40)).min(bytes.len())
    };
    let at = rng.random_range(0..=input.len());
    match rng.random_range(0..6) {
        0 | 1 if at < input.len() => input[at] ^= 1 << rng.random_range(0..8),
        2 if at < input.len() => input[at] = rng.random(),
        3 => {
            let cut = run_in(input, rng);
            input.drain(cut);
        }
        4 => {
            let other = others.choose(rng).unwrap();
            let run = run_in(other, rng);
            input.splice(at..at, other[run].iter().copied());
        }
        _ => {
            let end = (at + rng.random_range(0..9)).min(input.len());
            input.splice(at..end, TELLING.choose(rng).unwrap().iter().copied());
        }
    }
}

#[test]
fn csv() {
    run("csv", bodies::csv::run, 150_000, 10_000);
}

#[test]
fn parquet() {
    run("parquet", bodies::parquet::run, 50_000, 1_000);
}

#[test]
fn specs() {
    run("spec", bodies::spec::run, 60_000, 1_000);
}

#[test]
fn files() {
    run("adflux", bodies::file::run, 130_000, 5_000);
}

/// `cargo test --release -p adflux --test main -- --ignored write_the_seeds`
#[test]
#[ignore = "writes into fuzz/corpus"]
fn write_the_seeds() {
    let write = |target: &str, seeds: Vec<Vec<u8>>| {
        let folder = corpus(target);
        fs::create_dir_all(&folder).unwrap();
        for (i, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{i:02}")), seed).unwrap();
        }
    };
    write("csv", bodies::seeds::CSV.iter().map(|text| text.as_bytes().to_vec()).collect());
    write("parquet", bodies::seeds::parquet());
    write("spec", bodies::seeds::specs().into_iter().map(String::into_bytes).collect());
    write("adflux", bodies::seeds::files());
}
