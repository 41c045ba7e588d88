//! Same seed, same bits: over threads, repeats and sizes.

use adflux_core::Context;
use adflux_data::Frame;
use adflux_simulation::{Campaigns, Candidates, DailyMetrics, Jobs};

fn csv(frame: &Frame) -> String {
    let mut bytes = Vec::new();
    frame.write_csv_to(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn all_tables(rows: usize, seed: u64, threads: usize) -> [String; 4] {
    let context = Context::default().with_threads(threads).unwrap();
    let campaigns = Campaigns::new(rows).seed(seed);
    [
        csv(&campaigns.generate(&context).unwrap().frame),
        csv(&Candidates::new(rows).seed(seed).generate(&context).unwrap().frame),
        csv(&Jobs::new(rows).seed(seed).generate(&context).unwrap().frame),
        csv(&DailyMetrics::new(campaigns).seed(seed).generate(&context).unwrap().frame),
    ]
}

#[test]
fn threads_and_repeats_change_nothing_and_seeds_everything() {
    let one = all_tables(9000, 11, 1);
    assert!(one == all_tables(9000, 11, 2));
    assert!(one == all_tables(9000, 11, 2));
    for (mine, other) in one.iter().zip(&all_tables(9000, 12, 2)) {
        assert_ne!(mine, other);
    }
}

#[test]
fn a_smaller_simulation_is_the_beginning_of_a_larger_one() {
    for (small, large) in [(100, 4096), (4096, 4097), (5000, 9000)] {
        for (small, large) in all_tables(small, 3, 2).iter().zip(&all_tables(large, 3, 2)) {
            assert!(large.starts_with(small.as_str()));
        }
    }
}

#[test]
fn the_truth_is_as_reproducible_as_the_data() {
    let truth = |threads| {
        let context = Context::default().with_threads(threads).unwrap();
        Campaigns::new(9000).seed(2).generate(&context).unwrap().truth
    };
    assert_eq!(truth(1), truth(2));
}
