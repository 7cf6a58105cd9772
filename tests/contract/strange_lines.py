"""Records that are strange. A new one is one line of LINES or FRAGMENTS."""

# Whole lines.
LINES = [
    b'{}', b'{"":1}', b'[]', b'null', b'true', b'1', b'""', b'{', b'}', b'{"a":}', b'{"a" 1}', b'{"a":1,}', b'{"a":1}{"b":2}', b'{"a":1} x',
    b'{ "@ctl":"end"}', b' {"@ctl":"end"}', b'{"\\u0040ctl":"end"}', b'{"\\u0040ctl":"watermark","time":"2261-12-31T23:59:59Z"}',
    b'{"a":1,"@ctl":"barrier","epoch":2}', b'{ "@ctl" : "restore","epoch":0}', b'{"@via":1}', b'{"\\u0040via":1}', b'{"@via":1.0}', b'{"@via":1e0}',
    b'{"@via":"x-1"}', b'{"n":"weir_epoch"}', b'\xef\xbb\xbf{"a":1}', b'{"a":1}\r', b'\r', b'\x00', b'{"a":"\x00"}', b'{"a":"\xff"}', b'\xff\xfe{\x00', b'not json',
    b'{"a":"' + b'x' * 2_000_000 + b'"}', b'[' * 100_000,
]
# Members added to a good record; of one name the last counts.
FRAGMENTS = [
    '"timestamp":"0000-01-01T00:00:00Z"', '"timestamp":"2261-12-31T23:59:59Z"', '"timestamp":"9999-12-31T23:59:59Z"', '"timestamp":"2016-02-30T00:00:00Z"',
    '"timestamp":1e300', '"timestamp":-1', '"timestamp":9223372036854775808', '"timestamp":{}', '"timestamp":[1]', '"timestamp":""', '"timestamp":null',
    '"temperature_c":1e400', '"temperature_c":-1e400', '"temperature_c":9223372036854775807', '"temperature_c":9223372036854775808',
    '"temperature_c":-9223372036854775809', '"temperature_c":123456789012345678901234567890', '"temperature_c":0.1234567890123456789012345678901',
    '"temperature_c":-0', '"temperature_c":1e-400', '"temperature_c":NaN', '"temperature_c":Infinity', '"temperature_c":007', '"temperature_c":+1',
    '"temperature_c":.5', '"temperature_c":1.', '"temperature_c":0x10', '"temperature_c":True', '"temperature_c":"21,5"', '"temperature_c":[]',
    '"temperature_c":true', '"humidity":1e308', '"humidity":-1e308',
    '"city":"\\ud800"', '"city":"\\udc00\\ud800"', '"city":"\\u0000"', '"city":"a\\u0000b"', '"city":"\\n\\r\\t"', '"city":""', '"city":null', '"city":{"a":1}',
    '"city":["a"]', '"city":1e5', '"city":"' + "x" * 70_000 + '"', '"city":"\u202e\u2028"', '"city":"\'; DROP TABLE x; --"', '"city":"+/#"', '"city":"$SYS/x"',
    '"city":"=1+1"', '"city":"a\\",\\"b"', '"city":"\\\\."', '"city":"\\\\N"', '"city":"\\x"', '"city":"\\u12"', '"city":"a\tb"',
    '"weather":garbage', '"weather":"\\ud83d\\ude00"', '"weather":"\\u00zz"',
    '"ctid":1', '"xmin":1,"xmax":2,"oid":3,"tableoid":4,"cmin":5', '"@ctl":"end"', '"\\u0040ctl":"barrier"', '"@via":1', '"n":"weir_epoch"', '"":1', '" ":1',
    '"a.b":1,"a":{"b":2}', '"a":1,"a":2,"\\u0061":3', '"__proto__":{"x":1},"constructor":1,"toString":2', '"' + "k" * 70_000 + '":1', '"' + "ä" * 63 + '":1',
    '"TimeStamp":1,"timestamp ":2', '"id":{"a":[1,{"b":null}]}', '"line\\nbreak":1', '"tab\\t":1', '"quote\\"":1', '"nul\\u0000":1', '"\\ud800":1', '"deep":' + "[" * 60 + "]" * 60,
    '"deep":' + "[" * 100 + "]" * 100, '"deep":' + '{"a":' * 100 + "1" + "}" * 100, ",".join(f'"f{n}":{n}' for n in range(1700)),
    '"rule":{"toString":1},"state":"firing","level":"critical"', '"window_start":"x","window_end":5,"partial":"y","rev":-1', '"topic":"+/#"', '"email":"a@b\\r\\nBcc: c@d"',
]
GOOD_BETWEEN, GOOD_AT_END = 2, 40


def good(number):
    minutes = 5 * number
    stamp = f"2016-12-{1 + minutes // 1440:02}T{minutes // 60 % 24:02}:{minutes % 60:02}:00Z"
    return (f'"timestamp":"{stamp}","city":"Oslo","temperature_c":{number % 30}.25,"humidity":{number % 100},"pressure":1015.5,"wind_speed":3.5,'
            f'"weather":"mist","mark":"good {number}"').encode()


def mutated(line, rng):
    """The line with some pieces missing, doubled or put in; without a line break, and no control line."""
    pieces = [b"{", b"}", b"[", b'"', b":", b",", b"\\", b"null", b"tru", b"1e", b"-", b"\x00", b"\xff", b"\\ud800", b" ", b"e400", b"@ctl", b"ctid", b"0"]
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(line) + 1)
        end = min(len(line), at + rng.randrange(9))
        line = line[:at] + rng.choice([b"", line[at:end] * 2, rng.choice(pieces), rng.choice(pieces) + line[at:end]]) + line[end:]
    return b"{}" if line.startswith(b'{"@ctl":') or b'"mark":"good' in line else line


def strange_records(rng=None):
    """The lines: strange records between good ones, and more good ones at the end. With `rng` the strange ones are made stranger."""
    lines, number = [], 0

    def next_good():
        nonlocal number
        number += 1
        return good(number)

    for strange in [*LINES, *FRAGMENTS]:
        lines += [b"{%s}" % next_good() for _ in range(GOOD_BETWEEN)]
        if isinstance(strange, str):
            strange = b"{%s,%s}" % (next_good().replace(b'"mark":"good', b'"mark":"strange'), strange.encode("utf-8", "surrogatepass"))
        lines.append(mutated(strange, rng) if rng else strange)
    return lines + [b"{%s}" % next_good() for _ in range(GOOD_AT_END)]
