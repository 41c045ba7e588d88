"""Parquet files as Arrow writes them: every type that adflux-data reads, and every one that it refuses.

Run with the versions of requirements.txt: python tests/golden/make_parquet.py
"""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

OUT = Path(__file__).parent / "data"
OUT.mkdir(exist_ok=True)

moment = datetime(2026, 3, 1, 12, 30, tzinfo=timezone.utc)
table = pa.table(
    {
        "int8": pa.array([-128, None, 127], pa.int8()),
        "uint8": pa.array([0, None, 255], pa.uint8()),
        "int16": pa.array([-32768, None, 32767], pa.int16()),
        "uint16": pa.array([0, None, 65535], pa.uint16()),
        "int32": pa.array([-(2**31), None, 2**31 - 1], pa.int32()),
        "uint32": pa.array([0, None, 2**32 - 1], pa.uint32()),
        "int64": pa.array([-(2**63), None, 2**63 - 1], pa.int64()),
        "uint64": pa.array([0, None, 2**64 - 1], pa.uint64()),
        "float": pa.array([0.5, None, float("nan")], pa.float32()),
        "double": pa.array([0.1, None, -1e300], pa.float64()),
        "truth": pa.array([True, None, False], pa.bool_()),
        "text": pa.array(["Bogotá", None, ""], pa.string()),
        "large": pa.array(["a", None, "b"], pa.large_string()),
        "category": pa.array(["META", None, "META"], pa.dictionary(pa.int8(), pa.string())),
        "date": pa.array([date(2026, 3, 1), None, date(1969, 12, 31)], pa.date32()),
        "ms": pa.array([moment, None, moment], pa.timestamp("ms")),
        "us": pa.array([moment, None, moment], pa.timestamp("us", tz="America/Bogota")),
        "ns": pa.array([moment, None, moment], pa.timestamp("ns")),
        "nothing": pa.nulls(3),
    }
)
names = ["NONE", "SNAPPY", "GZIP", "BROTLI", "LZ4", "ZSTD"]
compression = {name: names[place % len(names)] for place, name in enumerate(table.column_names)}
pq.write_table(table, OUT / "types.parquet", compression=compression, row_group_size=2)

# The second version of pages, and the encodings that are not the usual ones.
encoded = table.select(["int64", "text", "truth", "double"]).take([0, 2, 0, 2, 1, 0, 0])
rare = {"compression": "NONE", "use_dictionary": False, "data_page_version": "2.0"}
pq.write_table(encoded, OUT / "encodings.parquet", column_encoding={"double": "BYTE_STREAM_SPLIT", "truth": "RLE"}, **rare)
for name, column, encoding in [
    ("delta_numbers", "int64", "DELTA_BINARY_PACKED"),
    ("delta_lengths", "text", "DELTA_LENGTH_BYTE_ARRAY"),
    ("delta_texts", "text", "DELTA_BYTE_ARRAY"),
]:
    pq.write_table(encoded.select([column]), OUT / f"{name}.parquet", column_encoding={column: encoding}, **rare)

refused = {
    "decimal": pa.array([Decimal("1.50")], pa.decimal128(9, 2)),
    "time": pa.array([time(12, 30)], pa.time64("us")),
    "duration": pa.array([timedelta(hours=1)], pa.duration("us")),
    "bytes": pa.array([b"x"], pa.binary()),
    "list": pa.array([["sql", "rust"]], pa.list_(pa.string())),
    "struct": pa.array([{"city": "Madrid"}], pa.struct([("city", pa.string())])),
}
for name, values in refused.items():
    pq.write_table(pa.table({"id": [1], name: values}), OUT / f"{name}.parquet", compression="NONE")
pq.write_table(table.slice(0, 0).select(["int64"]), OUT / "empty.parquet", compression="NONE")
