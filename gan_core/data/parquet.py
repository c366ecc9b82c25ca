"""Tables in Parquet files, as the texts that a CSV file would have."""

import io

from gan_core.errors import BadInput

MARK = b"PAR1"  # such a file begins with it
TEXTS = 10**9  # characters of all texts together: a dictionary may promise any number of long ones
MIDNIGHT = (".000000", " 00:00:00")  # what dates end with that are no more than that


def records(data: bytes, label, most_values, most_rows):
    """``(header, rows)`` of texts, "" for what is missing.

    Raises:
        BadInput: for a damaged file, one that is too large, or a column of values that are no plain ones.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise BadInput("Parquet files are read by pyarrow (pip install pyarrow); or save the table as CSV.") from error
    try:
        file = parquet.ParquetFile(io.BytesIO(data))
        known = file.metadata
        if known.num_rows > most_rows:
            raise BadInput(f"{label} has more than {most_rows:,} rows; take a part of them.")
        if known.num_rows * len(file.schema_arrow) > most_values:
            raise BadInput(f"{label} holds more than {most_values:,} values; take a part of its rows or columns.")
        texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
        table = parquet.ParquetFile(io.BytesIO(data), read_dictionary=texts).read()
        columns = [_texts(table.column(place), name, label) for place, name in enumerate(table.column_names)]
    except BadInput:  # which is a ValueError, and a sentence already
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        why = str(error).splitlines()[0].rstrip(".") if str(error) else "damaged"
        raise BadInput(f"{label} cannot be read as Parquet ({why}); write it anew, or save it as CSV.") from error
    header = [name.strip() for name in table.column_names]
    # pandas writes its index as a column, of no name.
    header = ["" if name == "__index_level_0__" else name for name in header]
    return header, [list(row) for row in zip(*columns)]


def _texts(column, name, label):
    import pyarrow as pa
    from pyarrow import compute

    kind = column.type
    if pa.types.is_dictionary(kind):
        total = sum(compute.sum(compute.take(compute.binary_length(chunk.dictionary), chunk.indices)).as_py() or 0
                    for chunk in column.chunks if pa.types.is_string(kind.value_type))
        if total > TEXTS:
            raise BadInput(f"The texts of {name!r} in {label} have {total:,} characters and {TEXTS:,} are the limit; leave "
                           "it out.")
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    try:
        texts = ["" if text is None else text.strip() for text in column.cast(pa.string()).to_pylist()]
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise BadInput(f"The column {name!r} of {label} holds {kind}, and a table holds numbers, texts and dates; leave it "
                       "out.") from error
    for end in MIDNIGHT if pa.types.is_timestamp(kind) else ():
        if all(text.endswith(end) or not text for text in texts):
            texts = [text.removesuffix(end) for text in texts]
    return texts
