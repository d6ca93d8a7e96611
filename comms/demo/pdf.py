"""A PDF of one page, so that demands have something attached."""


def page(lines: list[str]) -> bytes:
    """Make a one-page PDF with some lines of text (PDF 1.4, Helvetica, no compression)."""
    shown = "\n".join(f"({line.translate(ESCAPED)}) Tj T*" for line in lines)
    content = f"BT /F1 11 Tf 72 760 Td 16 TL\n{shown}\nET".encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return data + end % (table, len(data))


ESCAPED = str.maketrans({"\\": r"\\", "(": r"\(", ")": r"\)"})
