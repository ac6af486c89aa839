"""Draws what our layout has placed with reportlab. Reads the pages as JSON, prints letters, wall seconds, CPU
seconds, peak MB and bytes."""

import json
import resource
import sys
import time

fonts = sys.argv[1]
FILES = ["NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSansMono-Bold.ttf"]
MM = 72 / 25.4


def with_reportlab(pages):
    import io

    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    for i, name in enumerate(FILES):
        pdfmetrics.registerFont(TTFont(f"F{i}", f"{fonts}/{name}"))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(210 * MM, 297 * MM), pageCompression=1)
    for page in pages:
        for x, y, size, font, text in page["lines"]:
            canvas.setFont(f"F{font}", size)
            canvas.drawString(x * MM, (297 - y) * MM, text)
        for x0, y0, x1, y1, width in page["rules"]:
            canvas.setLineWidth(width)
            canvas.line(x0 * MM, (297 - y0) * MM, x1 * MM, (297 - y1) * MM)
        for x, y, edge, size, runs in page["codes"]:
            module = edge * MM / size
            path = canvas.beginPath()
            for column, row, width in runs:
                path.rect(x * MM + column * module, (297 - y) * MM - (row + 1) * module, width * module, module)
            canvas.drawPath(path, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return len(out.getvalue())


pages = json.load(sys.stdin)
wall, cpu = time.perf_counter(), time.process_time()
size = with_reportlab(pages)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(len(pages), wall, cpu, peak, size)
