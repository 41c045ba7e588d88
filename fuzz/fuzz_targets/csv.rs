#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    adflux_fuzz::csv::run(bytes);
});
