//! Times FTRL-proximal on the stream of `benches/peers/online.py`, which runs this and scikit-learn beside it.
//!
//! `time_online FILE CHUNK`: little-endian u64 rows, features of a row, and columns; the columns of all rows as u32; their signs as i8;
//! the classes as u8. Prints one line of JSON: seconds of learning, chunk by chunk (the best of three), and the progressive measures.

use adflux_core::{Block, ClassTarget, Column, Context, Error, Features, Target, Training, Values};
use adflux_regression::FtrlClassifier;
use sprs::CsMat;
use std::{sync::Arc, time::Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, chunk] = &arguments[..] else { return Err("give FILE CHUNK".into()) };
    let (bytes, chunk) = (std::fs::read(file)?, chunk.parse::<usize>()?);
    let size = |at: usize| bytes[8 * at..].first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b) as usize);
    let (rows, features, width) = (size(0), size(1), size(2));
    let (places, rest) = bytes[24..].split_at(4 * rows * features);
    let (signs, classes) = rest.split_at(rows * features);
    let places: Vec<usize> = places.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b) as usize).collect();

    let columns: Arc<[Column]> = (0..width).map(|i| Column::input(format!("hashed#{i}"))).collect();
    let labels: Arc<[String]> = ["no", "yes"].map(String::from).into();
    let chunk_of = |start: usize| -> Result<Training<Features>, Error> {
        let end = (start + chunk).min(rows);
        let stored = start * features..end * features;
        let ends = (0..=end - start).map(|row| row * features).collect();
        let values = signs[stored.clone()].iter().map(|sign| f64::from(*sign as i8)).collect();
        let x = CsMat::try_new((end - start, width), ends, places[stored].to_vec(), values);
        let x = x.map_err(|(_, _, _, e)| Error::data(e.to_string()))?;
        let codes = classes[start..end].iter().map(|class| u32::from(*class)).collect();
        let target = Target::Classes(ClassTarget { codes, labels: labels.clone() });
        let x = Features::trusted(end - start, vec![Block::new(columns.clone(), Values::Sparse(x))?])?;
        Ok(Training::new(x).with_target(target))
    };
    let context = Context::default();
    let mut best = (f64::INFINITY, None);
    for _ in 0..3 {
        let mut chunks = (0..rows).step_by(chunk).map(chunk_of).collect::<Result<Vec<_>, _>>()?.into_iter();
        let first = chunks.next().ok_or("no rows")?;
        let start = Instant::now();
        let mut model = FtrlClassifier::new(0.1).start(first, &context)?;
        for chunk in chunks {
            model.update(chunk, &context)?;
        }
        let seconds = start.elapsed().as_secs_f64();
        if seconds < best.0 {
            best = (seconds, Some(model));
        }
    }
    let (seconds, Some(model)) = best else { return Err("no rows".into()) };
    let so_far = model.progressive();
    let (loss, auc) = (so_far.log_loss().unwrap_or(f64::NAN), so_far.roc_auc().unwrap_or(f64::NAN));
    println!(r#"{{"seconds": {seconds}, "log_loss": {loss}, "roc_auc": {auc}}}"#);
    Ok(())
}
