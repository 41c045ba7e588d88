#!/usr/bin/env bash
# Writes docs/tour.md to standard output: runs each command as a new user would and keeps what it prints. `.ci/run` compares
# the result with the committed file, so that the tour stays true.
#
#   docs/tour.sh target/release/adflux > docs/tour.md
#
# What differs from run to run (seconds, and with them the size of a saved file) is replaced by an ellipsis.
set -euo pipefail
adflux=$(realpath "$1")
data=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../data")
specs=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../examples/specs")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
ln -s "$data" data
ln -s "$specs" specs
mkdir bin
ln -s "$adflux" bin/adflux
export PATH="$place/bin:$PATH"

steady() {
    sed -E 's/[0-9]+\.[0-9]+ s (preprocessing|fitting|predicting|shuffling)/… s \1/g; s/, in [0-9]+\.[0-9]+ s$/, in … s/; s/: [0-9.]+ [KM]iB, undamaged/: … KiB, undamaged/; s/ +$//'
}

# Shows a command and what it prints, on both outputs.
show() {
    printf '```console\n$ %s\n' "$1"
    (bash -o pipefail -c "$1" 2>&1 || true) | steady
    printf '```\n\n'
}

# Shows a command that fails, with its exit code.
fails() {
    printf '```console\n$ %s\n' "$1"
    local code=0
    bash -o pipefail -c "$1" 2>&1 | steady || code=$?
    printf '$ echo $?\n%s\n```\n\n' "$code"
}

say() {
    printf '%s\n\n' "$1"
}

cat <<'END'
# A tour of the command line

Every command once, on the data of the repository. This page is written by `docs/tour.sh`, which runs the commands; `data` and
`specs` stand for the folders `data` and `examples/specs`.

## Who are the candidates?

`data/resume.csv` holds 4,870 résumés. Gender and race must not decide who sees an ad: they are declared sensitive, and so the
first name, which gives both away, is left out too.

END
show "adflux segment data/resume.csv --sensitive gender,race --outcome received_callback --exclude 'job_*' --model people.adflux -o people.csv"
say 'The table has a column more, and the saved pipeline puts new people into the same segments:'
show "cut -d, -f1,15,16,21,31 people.csv | head -4"
show 'adflux predict people.adflux data/resume.csv | head -4'
say 'Few segments for whoever decides, and more for whoever writes to people, each within one of the few:'
show "adflux segment data/resume.csv --sensitive gender,race --exclude 'job_*' --levels 2,4"

cat <<'END'
## Who will leave?

Training holds a fifth of the rows back and judges on them. What it may not learn from is left out and said.

END
show 'adflux report-data data/telco_churn.csv --target churn --sensitive female,senior_citizen'
show 'adflux train data/telco_churn.csv --target churn --sensitive female,senior_citizen -o churn.adflux'
say 'A model is set from the command line or from a file that describes the whole pipeline:'
show 'cat specs/churn.toml'
show 'adflux train data/telco_churn.csv --target churn --sensitive female,senior_citizen --spec specs/churn.toml --cv 5 -o better.adflux'
say 'Which parameters are best? A search tries some on the learning rows; probabilities can be corrected, and sets of classes hold what comes nine times in ten:'
show 'adflux train data/telco_churn.csv --target churn --sensitive female,senior_citizen --param n_estimators=30 --search "model.max_depth=3..12,model.min_samples_leaf=1..50:log" --trials 5 --cv 3'
show 'adflux train data/telco_churn.csv --target churn --sensitive female,senior_citizen --param n_estimators=30 --calibrate isotonic --interval 0.9 -o sets.adflux'
show 'adflux predict sets.adflux data/telco_churn.csv | head -4'
say 'Is it better? On rows that neither has seen, the last 1,000 of the file were held out for this:'
show '(head -1 data/telco_churn.csv; tail -1000 data/telco_churn.csv) > new.csv; head -6044 data/telco_churn.csv > old.csv'
show 'adflux train old.csv --target churn --sensitive female,senior_citizen --test-size 0 -o a.adflux > a.txt; adflux train old.csv --target churn --sensitive female,senior_citizen --test-size 0 --spec specs/churn.toml -o b.adflux > b.txt'
show 'adflux compare a.adflux b.adflux new.csv'
say 'Does it serve everyone alike? Sensitive columns are not learned from, and judged by:'
show 'adflux evaluate b.adflux new.csv --by senior_citizen'
show 'adflux predict b.adflux new.csv | head -3'
show 'adflux inspect b.adflux | head -18'

cat <<'END'
## What will a campaign bring?

There is no campaign table in the repository; `simulate` makes one with known truth.

END
show 'adflux simulate campaigns --rows 3000 --seed 7 -o campaigns.csv; head -2 campaigns.csv'
show 'adflux train campaigns.csv --spec specs/campaign.toml --target impressions,clicks,applications,spend --exposure budget -o campaign.adflux'
say 'One planned campaign, as JSON on standard input:'
show $'echo \'{"platform": "META", "objective": "TRAFFIC", "format": "VIDEO", "job_category": "nursing", "job_level": "senior", "budget": 1500, "duration_days": 14, "audience_size": 60000}\' | adflux predict campaign.adflux - --format json'

cat <<'END'
## What is to come?

Days of running campaigns, simulated too. Which model would have been nearest in the past, and what does it expect?

END
show 'adflux simulate daily-metrics --rows 6000 --seed 7 -o all.csv; awk -F, '"'"'NR == 1 || $2 < "2024-06-17"'"'"' all.csv > daily.csv; head -2 all.csv'
show 'adflux backtest daily.csv --id platform --time date --value clicks --duplicates sum --gaps zero --horizon 14 --min 0'
show 'adflux forecast daily.csv --id platform --time date --value clicks --duplicates sum --gaps zero --horizon 14 --min 0 --model auto-theta --save clicks.adflux -o forecast.csv; head -3 forecast.csv'
show 'adflux decompose daily.csv --id platform --time date --value clicks --duplicates sum --gaps zero -o parts.csv; head -3 parts.csv'
say 'A kept forecaster takes in what is new and goes on:'
show 'adflux forecast all.csv --from clicks.adflux --horizon 1'

cat <<'END'
## For scripts

`--format json` gives the fields of [the contract](cli.md); tables go through pipes.

END
show 'tail -n +2 new.csv | wc -l; adflux predict b.adflux - < new.csv | cut -d, -f1 | sort | uniq -c'
show 'adflux evaluate b.adflux new.csv --format json'
show 'adflux completions bash | head -3'

cat <<'END'
## When something is wrong

One line says what and what to do. The exit is 1 for a job that failed and 2 for a command line that was wrong.

END
fails 'adflux train data/telco_churn.csv --target churned'
fails 'adflux train data/attrition.csv --target Attrition --param n_estimator=50'
fails 'adflux predict churn.adflux data/attrition.csv'
fails 'head -c 5000 churn.adflux > torn.adflux; adflux inspect torn.adflux'
fails 'adflux segment data/resume.csv -o segments.xlsx'
fails 'adflux trian data/telco_churn.csv'
