"""Reads the OpenMetrics text of a report with the parser of prometheus_client, and checks figures.

Usage: openmetrics_test.py PATH_TO_REPORT_SAMPLE
"""

import subprocess
import sys

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
except ImportError:
    print('prometheus_client not found (Debian: python3-prometheus-client)')
    sys.exit(77)

text = subprocess.run([sys.argv[1], '.prom'], capture_output=True, check=True).stdout.decode('utf-8')
families = {family.name: family for family in text_string_to_metric_families(text)}


def samples(family, **labels):
    return [s for s in families['memoscape_cache_' + family].samples
            if all(s.labels.get(name) == value for name, value in labels.items())]


assert text.endswith('# EOF\n')
assert families['memoscape_cache_gets'].type == 'counter'
assert families['memoscape_cache_size_bytes'].unit == 'bytes'
assert families['memoscape_cache_load_seconds'].type == 'summary'
[hits] = samples('gets', function='plain', result='hit')
[misses] = samples('gets', function='plain', result='miss')
assert (hits.name, hits.value, misses.value) == ('memoscape_cache_gets_total', 1, 2), (hits, misses)
[entries] = samples('entries', function='plain')
assert entries.value == 2
[limit] = samples('limit_bytes')
assert limit.value == 1_000_000
functions = {s.labels['function'] for s in samples('entries')}
assert len(functions) == 7, functions
assert any('<script>' in name for name in functions)
assert any('"' in name for name in functions)
# Nothing that reorders or breaks a line, and nothing endless.
for name in functions:
    assert name.isprintable() and len(name) < 300, name[:400]
print(f'{len(families)} families, {sum(len(f.samples) for f in families.values())} samples')
