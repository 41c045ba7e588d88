//! The first question: who are the candidates?

use super::Beside;
use crate::{
    columns::Excluded,
    numbers::{count_in, percent},
    segment::why,
    tables::{indented, paragraph, table},
};
use adflux::{
    clustering::{AutoKMeans, AutoKMeansModel},
    core::{Context, Error, Features, Fit as _, Predict as _, Result, Training, Transform as _, random::stream},
    data::{Frame, Role},
    evaluation::metrics::{calinski_harabasz, davies_bouldin, silhouette},
    pipeline::{Pipeline, Proxy, Reason, Screen},
    postprocessing::{Language, SegmentDescription, describe_segments},
    preprocessing::ColumnTransformer,
};
use ndarray::Array2;
use rand::seq::SliceRandom as _;
use serde::Serialize;
use std::path::Path;

/// Résumés of a published experiment (Bertrand & Mullainathan 2004); see data/README.md.
const RESUMES: &[u8] = include_bytes!("../../../../data/resume.csv");
const SENSITIVE: [&str; 2] = ["gender", "race"];
const OUTCOME: &str = "received_callback";

#[derive(Serialize)]
pub struct Metrics {
    data: &'static str,
    rows: usize,
    columns: Vec<String>,
    k: usize,
    reason: String,
    baseline: &'static str,
    silhouette: Beside,
    calinski_harabasz: Beside,
    davies_bouldin: Beside,
    segments: Vec<SegmentDescription>,
    excluded: Vec<Excluded>,
}

pub fn run(out: &Path, language: Language, context: &Context) -> Result<Metrics> {
    let frame = Frame::read_csv_bytes(RESUMES, "data/resume.csv")?;
    let (frame, excluded, proxies) = choose_columns(frame, language)?;
    let columns: Vec<String> = frame.names_with(Role::Feature).into_iter().map(str::to_string).collect();

    let pipeline = Pipeline::new(ColumnTransformer::auto(&frame, &columns)?, recipe());
    let fitted = pipeline.fit_with(Training::new(frame.clone()), context)?;
    let segments = fitted.run(&frame)?.segments()?.ids.clone();
    let described = describe_segments(&frame, &columns, &segments, Some(OUTCOME), language)?;

    let features = fitted.preprocessor.transform(frame.clone())?;
    let metrics = measure(&features, &segments, &fitted.model, described, columns, excluded, context)?;

    fitted.save(out.join("segmentation.adflux"))?;
    let column =
        Frame::builder().optional_integers("segment", segments.iter().map(|s| s.map(i64::from)).collect()).build()?;
    frame.with_columns_of(&column)?.write_csv(out.join("segments.csv"))?;
    let why = why(Some(fitted.model.choice()), metrics.k, None, None, language);
    print(&frame, &metrics, &proxies, &why, language);
    Ok(metrics)
}

fn recipe() -> AutoKMeans {
    AutoKMeans::new(2, 10).seed(42)
}

/// Roles for every column that is not to be learned from, and why.
fn choose_columns(mut frame: Frame, language: Language) -> Result<(Frame, Vec<Excluded>, Vec<Proxy>)> {
    let mut excluded = Vec::new();
    for column in SENSITIVE {
        frame = frame.with_role(column, Role::Sensitive)?;
    }
    let of_the_job: Vec<String> = frame.names().filter(|n| n.starts_with("job_")).map(str::to_string).collect();
    let outcome = (
        OUTCOME.to_string(),
        language.pick("is the outcome, known only afterwards", "es el resultado, que se conoce después"),
    );
    let job = language.pick("describes the job ad, not the person", "describe la oferta, no a la persona");
    for (column, reason) in of_the_job.into_iter().map(|column| (column, job)).chain([outcome]) {
        frame = frame.with_role(&column, Role::Ignore)?;
        excluded.push(Excluded { column, reason: reason.into() });
    }
    let screening = Screen::new().run(&frame)?;
    let mut proxies = Vec::new();
    for found in screening.excluded {
        excluded.push(Excluded { column: found.column, reason: found.reason.text(language) });
        if let Reason::GivesAway(of) = found.reason {
            proxies.extend(of);
        }
    }
    Ok((screening.frame, excluded, proxies))
}

/// The measures of the segments beside those of k-means on résumés whose columns were shuffled each for itself: what is
/// found where there is nothing to find but the spread of single columns.
fn measure(
    features: &Features,
    segments: &[Option<u32>],
    model: &AutoKMeansModel,
    described: Vec<SegmentDescription>,
    columns: Vec<String>,
    excluded: Vec<Excluded>,
    context: &Context,
) -> Result<Metrics> {
    let x = features.dense("k-means")?;
    let ids: Vec<u32> = segments.iter().flatten().copied().collect();
    let mut shuffled: Array2<f64> = x.clone();
    for (i, mut column) in shuffled.columns_mut().into_iter().enumerate() {
        let mut values = column.to_vec();
        values.shuffle(&mut stream(42, &[i as u64]));
        column.assign(&ndarray::Array1::from(values));
    }
    let k = model.choice().n_clusters;
    let names: Vec<String> = features.columns().map(|c| c.name.clone()).collect();
    let nothing = Features::from_dense(shuffled, names)?;
    let null = recipe().fit_with(Training::new(nothing.clone()), context)?;
    let null_ids: Vec<u32> = null.predict(&nothing)?.ids.into_iter().flatten().collect();
    let z = nothing.dense("k-means")?;
    type Measure = fn(ndarray::ArrayView2<f64>, &[u32]) -> Result<f64>;
    let beside = |measure: Measure| {
        Ok::<_, Error>(Beside { value: measure(x.view(), &ids)?, baseline: measure(z.view(), &null_ids)? })
    };
    Ok(Metrics {
        data: "data/resume.csv",
        rows: x.nrows(),
        columns,
        k,
        reason: model.choice().reason.clone(),
        baseline: "the same choice of k and the same k-means on the same résumés, each column shuffled for itself",
        silhouette: beside(silhouette)?,
        calinski_harabasz: beside(calinski_harabasz)?,
        davies_bouldin: beside(davies_bouldin)?,
        segments: described,
        excluded,
    })
}

fn print(frame: &Frame, metrics: &Metrics, proxies: &[Proxy], why: &str, language: Language) {
    let say = |en: &'static str, es: &'static str| language.pick(en, es);
    println!("1. {}\n", say("Who are the candidates?", "¿Quiénes son los candidatos?"));
    println!(
        "   {} {}, {}",
        count_in(frame.rows() as f64, language),
        say("résumés", "currículos"),
        say("data/resume.csv (a published field experiment)", "data/resume.csv (un experimento de campo publicado)")
    );
    let used = metrics.columns.iter().map(|c| c.replace('_', " ")).collect::<Vec<_>>().join(", ");
    println!("{}", paragraph(&format!("{} {used}.", say("Learned from:", "Se aprende de:")), 3));
    println!(
        "{}",
        paragraph(
            say(
                "Left out: gender and race (sensitive), the job_* columns (they describe the job ad, not the person), and \
                 received_callback (the outcome).",
                "Se dejan fuera: gender y race (sensibles), las columnas job_* (describen la oferta, no a la persona) y \
                 received_callback (el resultado).",
            ),
            3
        )
    );
    for proxy in proxies {
        let text = match language {
            Language::En => format!(
                "Found and left out: {} gives {} away (it guesses it right for {}, where always guessing the most frequent \
                 value is right for {}).",
                proxy.column,
                proxy.sensitive,
                percent(proxy.guessed, 1),
                percent(proxy.baseline, 1)
            ),
            Language::Es => format!(
                "Detectada y excluida: {} delata {} (la adivina en el {}; decir siempre el valor más frecuente acierta el {}).",
                proxy.column,
                proxy.sensitive,
                percent(proxy.guessed, 1),
                percent(proxy.baseline, 1)
            ),
        };
        println!("{}", paragraph(&text, 3));
    }
    println!("\n{}", paragraph(why, 3));
    for segment in &metrics.segments {
        let id = segment.id.map_or(String::new(), |id| id.to_string());
        println!(
            "\n   {id}  {} · {} {} ({})",
            segment.name,
            count_in(segment.size as f64, language),
            say("people", "personas"),
            percent(segment.share, 0)
        );
        if let Some(outcome) = &segment.outcome {
            println!(
                "      {} {} (95 %: {}–{}; {}: {})",
                say("callback rate", "tasa de respuesta"),
                percent(outcome.mean, 1),
                percent(outcome.lower, 1).trim_end_matches("\u{a0}%"),
                percent(outcome.upper, 1),
                say("everyone", "total"),
                percent(outcome.overall, 1)
            );
        }
        for feature in segment.features.iter().filter(|feature| feature.same_as.is_none()).take(4) {
            println!("      - {}", feature.text(language));
        }
    }
    let mut rows = table(&["", say("here", "aquí"), say("shuffled", "barajado"), ""], 1);
    let figures = [
        ("silhouette", metrics.silhouette, 3, say("higher is better", "mejor cuanto más alto")),
        ("Caliński–Harabasz", metrics.calinski_harabasz, 0, say("higher is better", "mejor cuanto más alto")),
        ("Davies–Bouldin", metrics.davies_bouldin, 3, say("lower is better", "mejor cuanto más bajo")),
    ];
    for (name, figure, decimals, better) in figures {
        rows.add_row([
            name.to_string(),
            format!("{:.*}", decimals, figure.value),
            format!("{:.*}", decimals, figure.baseline),
            better.into(),
        ]);
    }
    println!(
        "\n{}\n\n{}",
        paragraph(
            say(
                "How well the segments stand apart, beside the same method on résumés whose columns were shuffled:",
                "Cómo se separan los segmentos, junto al mismo método con las columnas barajadas:",
            ),
            3
        ),
        indented(&rows).trim_end()
    );
}
