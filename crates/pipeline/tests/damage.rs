//! Damage by accident: every byte, every length.

use crate::{
    fitted, registry,
    tampering::{Apart, ENTRIES},
};
use adflux_core::{Error, Result};
use adflux_pipeline::{AnyFittedPipeline, Manifest};

fn load(bytes: &[u8]) -> Result<AnyFittedPipeline> {
    AnyFittedPipeline::from_bytes(bytes, "campaign.adflux", &registry())
}

fn entry_of(error: Error) -> String {
    match error {
        Error::Damaged { entry, path, .. } if path.ends_with("campaign.adflux") => entry,
        other => panic!("not a damage of the file: {other}"),
    }
}

/// Where `name`'s compressed bytes are in the file.
fn place_of(bytes: &[u8], name: &str) -> std::ops::Range<usize> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let file = zip.by_name(name).unwrap();
    let start = file.data_start().unwrap() as usize;
    start..start + file.compressed_size() as usize
}

#[test]
fn any_byte_that_changes_is_found() {
    let bytes = fitted().to_bytes().unwrap();
    let registry = registry();
    for place in 0..bytes.len() {
        // One bit, another for each place, and all bits.
        for mask in [1 << (place % 8), 0xff] {
            let mut damaged = bytes.clone();
            damaged[place] ^= mask;
            let loaded = AnyFittedPipeline::from_bytes(&damaged, "campaign.adflux", &registry);
            let error =
                loaded.err().unwrap_or_else(|| panic!("byte {place} of {} ^ {mask:#x} went unseen", bytes.len()));
            assert!(error.to_string().starts_with("campaign.adflux: "), "byte {place} ^ {mask:#x}: {error}");
        }
    }
}

#[test]
fn any_length_that_is_cut_off_is_found() {
    let bytes = fitted().to_bytes().unwrap();
    for length in 0..bytes.len() {
        let error = load(&bytes[..length]).err().unwrap_or_else(|| panic!("cut to {length} went unseen")).to_string();
        assert!(error.starts_with("campaign.adflux: "), "cut to {length}: {error}");
    }
    let longer = [&bytes[..], b"\0"].concat();
    assert!(load(&longer).is_err(), "a byte behind the end went unseen");
}

#[test]
fn the_damaged_part_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = fitted().to_bytes().unwrap();
    for name in ENTRIES.into_iter().chain(["manifest.json"]) {
        let mut damaged = bytes.clone();
        for byte in &mut damaged[place_of(&bytes, name)] {
            *byte ^= 0x55;
        }
        assert_eq!(entry_of(load(&damaged).unwrap_err()), name);
        // Nor is the manifest of a damaged file taken for true.
        let path = folder.path().join("campaign.adflux");
        std::fs::write(&path, &damaged).unwrap();
        assert_eq!(entry_of(Manifest::read(&path).unwrap_err()), name);
    }
    // A whole zip whose state is not the one of the manifest.
    let mut apart = Apart::of(&bytes);
    apart.states[1][10] ^= 1;
    let error = load(&apart.together()).unwrap_err();
    assert!(error.to_string().contains("its checksum does not match"), "{error}");
    assert_eq!(entry_of(error), "model.msgpack");
}

#[test]
fn what_is_no_such_file_says_so() {
    for bytes in [&b""[..], b"PK", b"impressions,clicks\n1,2\n"] {
        let error = load(bytes).unwrap_err().to_string();
        assert!(error.contains("it is cut short, or not an .adflux file"), "{error}");
    }
    let other_zip = Apart::of(&fitted().to_bytes().unwrap()).together_with(|zip, options| {
        zip.start_file("readme.txt", options).unwrap();
    });
    assert_eq!(entry_of(load(&other_zip).unwrap_err()), "manifest.json");
}

#[test]
fn a_newer_format_says_so_whatever_else_it_holds() {
    let mut apart = Apart::of(&fitted().to_bytes().unwrap());
    apart.manifest["format"] = 2.into();
    let message = "campaign.adflux: format version 2 is newer than 1, the newest this adflux reads: update adflux";
    assert_eq!(load(&apart.together()).unwrap_err().to_string(), message);
    apart.manifest = serde_json::json!({ "format": 2, "shards": ["a", "b"] });
    assert_eq!(load(&apart.together()).unwrap_err().to_string(), message);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.adflux");
    std::fs::write(&path, apart.together()).unwrap();
    assert!(matches!(Manifest::read(&path), Err(Error::NewerFormat { found: 2, supported: 1, .. })));
}
