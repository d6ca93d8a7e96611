"""How the press is asked and answers.

A job is eight bytes of length and JSON: html, fonts (a folder), title, author, date (as PDFs write it), seconds, and
files as pairs of a name and base64. An answer is one byte (P for a PDF, R for a sentence that refuses), eight bytes of
length, and the rest.
"""

import struct

LENGTH = struct.Struct(">Q")
MADE, REFUSED = b"P", b"R"
