# SPDX-License-Identifier: Apache-2.0
"""Writes PostgreSQL archives of any version from 1.12 to 1.16, in any form and packing, right or wrong in one place: a second opinion on the
format, which shares nothing with src/evidence/pg*.c. A Dump has entries; `custom`, `tar` and `files` are what pg_dump would make of them."""
import ctypes
import ctypes.util
import gzip
import io
import tarfile
import zlib

PACKINGS = ["none", "gzip", "lz4", "zstd"]
SUFFIX = {"none": "", "gzip": ".gz", "lz4": ".lz4", "zstd": ".zst"}
NOT_SET, SET, NO_DATA = 1, 2, 3


def library(name):
    found = ctypes.util.find_library(name)
    return ctypes.CDLL(found) if found else None


def lz4(data):
    lib = library("lz4")
    lib.LZ4F_compressFrameBound.restype = lib.LZ4F_compressFrame.restype = ctypes.c_size_t
    room = lib.LZ4F_compressFrameBound(ctypes.c_size_t(len(data)), None)
    out = ctypes.create_string_buffer(room)
    n = lib.LZ4F_compressFrame(out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)), None)
    return out.raw[:n]


def zstd(data):
    lib = library("zstd")
    lib.ZSTD_compressBound.restype = lib.ZSTD_compress.restype = ctypes.c_size_t
    room = lib.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    out = ctypes.create_string_buffer(room)
    n = lib.ZSTD_compress(out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)), 3)
    return out.raw[:n]


def packed(packing, data, file=False):
    if packing == "gzip":
        return gzip.compress(data, mtime=0) if file else zlib.compress(data)
    return {"none": lambda d: d, "lz4": lz4, "zstd": zstd}[packing](data)


class Entry:
    def __init__(self, number, kind, tag, schema=None, definition="", copy=None, data=None, blobs=None, depends=()):
        self.number, self.kind, self.tag, self.schema, self.definition, self.copy = number, kind, tag, schema, definition, copy
        self.data, self.blobs, self.depends = data, blobs, depends  # bytes; {oid: bytes}
        self.offset, self.where = 0, NO_DATA


class Dump:
    def __init__(self, minor=14, packing="gzip", int_size=4, off_size=8, set_offsets=True, chunk=4096, database="warehouse"):
        self.minor, self.packing, self.int_size, self.off_size = minor, packing, int_size, off_size
        self.set_offsets, self.chunk, self.database, self.entries = set_offsets, chunk, database, []
        self.add("ENCODING", "ENCODING", definition="SET client_encoding = 'UTF8';\n")
        self.add("STDSTRINGS", "STDSTRINGS", definition="SET standard_conforming_strings = 'on';\n")
        if minor >= 13:
            self.add("SEARCHPATH", "SEARCHPATH", definition="SELECT pg_catalog.set_config('search_path', '', false);\n")

    def add(self, kind, tag, **more):
        self.entries.append(Entry(2000 + len(self.entries), kind, tag, **more))
        return self.entries[-1]

    def table(self, schema, name, body, columns=None, rows=None, inserts=None):
        """A table, and its data as COPY rows (bytes) or as statements."""
        full = name if self.minor < 13 else "%s.%s" % (schema, name)  # before 1.13 the schema was set apart
        self.add("TABLE", name.strip('"'), schema=schema, definition="CREATE TABLE %s %s;\n" % (full, body), depends=(1, 2))
        if rows is not None:
            copy = "COPY %s %s FROM stdin;\n" % (full, columns)
            return self.add("TABLE DATA", name.strip('"'), schema=schema, copy=copy, data=b"".join(r + b"\n" for r in rows) + b"\\.\n\n\n")
        if inserts is not None:
            return self.add("TABLE DATA", name.strip('"'), schema=schema, data=inserts(full) + b"\n\n")

    def number(self, value):
        return bytes([value < 0]) + abs(value).to_bytes(self.int_size, "little")

    def text(self, value):
        if value is None:
            return self.number(-1)
        value = value if isinstance(value, bytes) else value.encode()
        return self.number(len(value)) + value

    def head(self, form):
        out = b"PGDMP" + bytes([1, self.minor, 0, self.int_size, self.off_size, form])
        packing = "none" if form == 3 and self.packing == "tar" else self.packing
        out += bytes([PACKINGS.index(packing)]) if self.minor >= 15 else self.number({"none": 0, "tar": 0}.get(packing, -1))
        for value in (5, 30, 15, 22, 10, 123, 0):
            out += self.number(value)
        return out + self.text(self.database) + self.text("15.1") + self.text("15.2 (made here)")

    def contents(self, form, name=lambda e: ""):
        out = [self.head(form), self.number(len(self.entries))]
        for e in self.entries:
            has_data = e.data is not None or e.blobs is not None
            out += [self.number(e.number), self.number(int(has_data)), self.text("1259"), self.text("16384"), self.text(e.tag), self.text(e.kind)]
            out += [self.number(3 if has_data else 2), self.text(e.definition), self.text(""), self.text(e.copy), self.text(e.schema), self.text(None)]
            out += [self.text("heap") if self.minor >= 14 else b"", self.number(ord("r")) if self.minor >= 16 else b""]
            out += [self.text("owner"), self.text("false")] + [self.text(str(d)) for d in e.depends] + [self.text(None)]
            out += [bytes([e.where]), e.offset.to_bytes(self.off_size, "little")] if form == 1 else [self.text(name(e))]
        return b"".join(out)

    def chunks(self, data):
        data = packed(self.packing, data)
        pieces = [data[i:i + self.chunk] for i in range(0, len(data), self.chunk)]
        return b"".join(self.number(len(p)) + p for p in pieces) + self.number(0)

    def block(self, e):
        if e.blobs is None:
            return b"\x01" + self.number(e.number) + self.chunks(e.data)
        return b"\x03" + self.number(e.number) + b"".join(self.number(oid) + self.chunks(d) for oid, d in e.blobs.items()) + self.number(0)

    def with_data(self):
        return [e for e in self.entries if e.data is not None or e.blobs is not None]

    def custom(self, order=None):
        """`order` turns the list of entries with data into that of the blocks."""
        todo = (order or list)(self.with_data())
        for e in self.with_data():
            e.where = SET if self.set_offsets else NOT_SET
        at, out = len(self.contents(1)), []
        for e in todo:
            out.append(self.block(e))
            e.offset = at if self.set_offsets else 0
            at += len(out[-1])
        return b"".join([self.contents(1)] + out)

    def file_name(self, e):
        if e.blobs is not None and self.minor >= 16:
            return "blobs_%d.toc" % e.number
        return "%d.dat" % e.number if e.data is not None or e.blobs is not None else ""

    def files(self, packing=None, form=3):
        """Name -> bytes, the contents first."""
        packing = packing or self.packing
        out = {"toc.dat": self.contents(form, self.file_name)}
        for e in self.with_data():
            if e.blobs is None:
                out["%d.dat%s" % (e.number, SUFFIX[packing])] = packed(packing, e.data, True)
                continue
            for oid, data in e.blobs.items():
                out["blob_%d.dat%s" % (oid, SUFFIX[packing])] = packed(packing, data, True)
            out["blobs_%d.toc" % e.number if self.minor >= 16 else "blobs.toc"] = b"".join(b"%d blob_%d.dat\n" % (o, o) for o in e.blobs)
        return out

    def tar(self):
        self.packing, before = "tar", self.packing
        members = dict(self.files("none"), **{"restore.sql": b"-- PostgreSQL database dump\nCOPY public.x FROM stdin;\n"})
        self.packing = before
        return tarred(members)


def tarred(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()
