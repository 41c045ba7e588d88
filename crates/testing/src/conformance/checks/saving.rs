//! States: saved, loaded, damaged.

use crate::conformance::{
    case::{Case, Findings, ask, guarded, save},
    subject::Subject,
};
use adflux_core::Saved;

pub(super) fn saving<C: Subject>(case: &Case<C>, findings: &mut Findings<'_>) {
    let (kind, saved) = (case.recipe.kind(), &case.saved);
    if saved.kind != kind {
        findings.fail("kinds", format_args!("the recipe is a `{kind}`, and its fitted form a `{}`", saved.kind));
    }
    let loading = guarded(|| case.registry.load::<C::Boxed>(saved));
    let Some(loaded) = findings.must("loading through the registry", loading) else { return };
    findings.same("saved and loaded", &case.answer, ask::<C>(&loaded, case.x()));
    if let Some(again) = findings.must("saving again", save::<C>(&loaded))
        && again != *saved
    {
        findings.fail("saved, loaded and saved again", "the state is not the same");
    }
    let newer = Saved { version: saved.version + 1, ..saved.clone() };
    findings.refused("a state of a newer version", guarded(|| case.registry.load::<C::Boxed>(&newer)));
}

/// Places at which a state is cut and altered.
const PLACES: usize = 64;

pub(super) fn damage<C: Subject>(case: &Case<C>, findings: &mut Findings<'_>) {
    let state = &case.saved.state;
    let places: Vec<usize> = (0..PLACES.min(state.len())).map(|i| i * state.len() / PLACES.min(state.len())).collect();
    let cut = places.iter().map(|&end| (format!("the first {end} bytes of a state"), state[..end].to_vec()));
    let altered = places.iter().flat_map(|&at| {
        [0x00, 0x7f, 0xff].map(|byte| {
            let mut state = state.clone();
            state[at] = byte;
            (format!("a state with byte {at} as {byte:#04x}"), state)
        })
    });
    for (input, state) in cut.chain(altered) {
        let damaged = Saved { state, ..case.saved.clone() };
        let loaded = findings.may(&input, guarded(|| case.registry.load::<C::Boxed>(&damaged)));
        if let Some(Ok(loaded)) = loaded {
            // A byte of a number gives another number: the answer may be anything, but must not panic.
            findings.may(&input, ask::<C>(&loaded, case.x()));
        }
    }
}
