//! Files made to do harm: their sums are right, and what they hold is not.

use crate::{
    campaigns, fitted, registry,
    tampering::{Apart, ENTRIES},
};
use adflux_core::{Error, Result, Saved, registry::MOST_LEVELS};
use adflux_pipeline::AnyFittedPipeline;
use proptest::prelude::*;
use std::{io::Write as _, sync::LazyLock};

static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| fitted().to_bytes().unwrap());

fn load(bytes: &[u8]) -> Result<AnyFittedPipeline> {
    AnyFittedPipeline::from_bytes(bytes, "hostile.adflux", &registry())
}

#[test]
fn taking_apart_and_putting_together_changes_nothing() {
    let loaded = load(&Apart::of(&BYTES).together()).unwrap();
    assert_eq!(loaded.run(&campaigns(9)).unwrap(), fitted().run(&campaigns(9)).unwrap());
}

/// The most memory this process ever held, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
#[cfg(target_os = "linux")]
fn an_entry_that_unpacks_to_more_than_it_says_is_refused_before_it_fills_the_memory() {
    const BOMB: usize = 512 << 20;
    let apart = Apart::of(&BYTES);
    let manifest = serde_json::to_vec(&apart.manifest).unwrap();
    let bomb = apart.together_with(|zip, options| {
        let fast = options.compression_level(Some(1));
        zip.start_file("manifest.json", options).unwrap();
        zip.write_all(&manifest).unwrap();
        for (name, state) in ENTRIES.iter().zip(&apart.states) {
            zip.start_file(*name, fast).unwrap();
            zip.write_all(state).unwrap();
            if *name == "model.msgpack" {
                let zeros = vec![0; 1 << 20];
                (0..BOMB / zeros.len()).for_each(|_| zip.write_all(&zeros).unwrap());
            }
        }
    });
    assert!(bomb.len() < BOMB / 50);
    let before = peak_memory();
    let error = load(&bomb).unwrap_err();
    let grown = peak_memory() - before;
    let limit = apart.states[1].len();
    assert_eq!(
        error.to_string(),
        format!("hostile.adflux: model.msgpack is damaged: it unpacks to more than the {limit} bytes it may have")
    );
    // Other tests run beside this one; none of them needs a quarter of the bomb.
    assert!(grown < BOMB as u64 / 4, "{grown} bytes more");
}

#[test]
fn a_manifest_that_does_not_fit_is_an_error() {
    let says = |change: fn(&mut serde_json::Value)| {
        let mut apart = Apart::of(&BYTES);
        change(&mut apart.manifest);
        load(&apart.together()).unwrap_err().to_string()
    };
    assert!(says(|m| m["parts"][1]["name"] = "modle".into()).contains("it does not list the model"));
    assert!(says(|m| m["parts"] = serde_json::json!([])).contains("it does not list the preprocessor"));
    assert_eq!(
        says(|m| m["parts"][1]["kind"] = "memori".into()),
        "hostile.adflux: step 2 (model): unknown model `memori`; did you mean `memory`?"
    );
    // A kind that is known, for another part.
    assert_eq!(says(|m| m["parts"][1]["kind"] = "clip".into()), "hostile.adflux: step 2 (model): unknown model `clip`");
    assert!(says(|m| m["parts"][1]["version"] = 2.into()).contains("version 2 was saved, this adflux reads up to 1"));
    assert!(
        says(|m| m["parts"][1]["version"] = 0.into())
            .starts_with("hostile.adflux: step 2 (model): saved state of `memory`")
    );
    assert!(says(|m| m["format"] = "one".into()).starts_with("hostile.adflux: manifest.json is damaged"));
    assert!(says(|m| m["schema"] = 3.into()).starts_with("hostile.adflux: manifest.json is damaged"));
}

#[test]
fn no_change_of_a_state_makes_a_panic() {
    let apart = Apart::of(&BYTES);
    let frame = campaigns(9);
    let mut refused = 0;
    for (part, name) in ENTRIES.iter().enumerate() {
        for place in 0..apart.states[part].len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut state = apart.states[part].clone();
                state[place] ^= mask;
                match load(&apart.clone().with_state(part, state).together()) {
                    Err(error) if is_about_a_state(&error) => refused += 1,
                    Err(other) => panic!("byte {place} of {name}: {other}"),
                    // A number of the state may well be another number; then it predicts, or says why it cannot.
                    Ok(loaded) => drop(loaded.run(&frame)),
                }
            }
        }
    }
    assert!(refused > 300, "only {refused} changes were refused");
}

#[test]
fn states_within_states_are_refused_before_they_fill_the_stack_or_the_memory() {
    let around = |inner: Vec<u8>| {
        let saved = Saved { kind: "sequence".into(), version: 1, state: inner };
        adflux_core::component::encode("sequence", &[saved]).unwrap()
    };
    let nested = |levels: usize| {
        let nothing = adflux_core::component::encode::<[Saved; 0]>("sequence", &[]).unwrap();
        let state = (1..levels).fold(nothing, |state, _| around(state));
        load(&Apart::of(&BYTES).with_state(2, state).together())
    };
    assert!(nested(MOST_LEVELS).is_ok());
    for levels in [MOST_LEVELS + 1, 2_000] {
        let error = nested(levels).unwrap_err();
        assert!(is_about_a_state(&error) && error.to_string().contains("stands within 16 others"), "{error}");
    }
}

/// An empty array in msgpack, in the three lengths that it has.
const NO_STEPS: [&[u8]; 3] = [&[0x90], &[0xdc, 0, 0], &[0xdd, 0, 0, 0, 0]];

#[test]
fn a_state_is_all_of_its_bytes() {
    let apart = Apart::of(&BYTES);
    for bytes in NO_STEPS {
        assert!(load(&apart.clone().with_state(2, bytes.to_vec()).together()).is_ok());
    }
    for part in 0..apart.states.len() {
        for more in [0x00, 0x90, 0xc1, 0xdd] {
            let mut state = apart.states[part].clone();
            state.push(more);
            let error = load(&apart.clone().with_state(part, state).together()).unwrap_err();
            assert!(is_about_a_state(&error) && error.to_string().contains("bytes stand after its end"), "{error}");
        }
    }
}

/// Whether the error names the file, the part, and what is wrong with its state.
fn is_about_a_state(error: &Error) -> bool {
    let Error::File { source, .. } = error else { return false };
    let Error::Step { source, .. } = &**source else { return false };
    matches!(**source, Error::State { .. } | Error::UnknownKind { .. })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_state_of_random_bytes_is_an_error_of_that_state(bytes in prop::collection::vec(any::<u8>(), 0..300), part in 0..3_usize) {
        match load(&Apart::of(&BYTES).with_state(part, bytes.clone()).together()) {
            Err(error) => prop_assert!(is_about_a_state(&error), "{error}"),
            // One byte in 256 is a whole state: a postprocessor without steps.
            Ok(_) => prop_assert!(part == 2 && NO_STEPS.contains(&bytes.as_slice()), "{bytes:?} are no state"),
        }
    }

    #[test]
    fn random_bytes_are_no_file(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        prop_assert!(load(&bytes).unwrap_err().to_string().starts_with("hostile.adflux: "));
    }

    /// Lengths and shapes that lie, in the place where a length stands.
    #[test]
    fn a_state_with_a_run_of_bytes_replaced_is_no_panic(part in 0..3_usize, at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 1..9)) {
        let apart = Apart::of(&BYTES);
        let mut state = apart.states[part].clone();
        let start = at.index(state.len());
        let end = (start + with.len()).min(state.len());
        state.splice(start..end, with);
        if let Ok(loaded) = load(&apart.with_state(part, state).together()) {
            let _ = loaded.run(&campaigns(5));
        }
    }
}
