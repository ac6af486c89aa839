"""Draws what our layout has placed with reportlab or typst. Reads the pages as JSON, prints letters, wall seconds, CPU
seconds, peak MB and bytes."""

import json
import resource
import sys
import time

engine, fonts = sys.argv[1], sys.argv[2]
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


def with_typst(pages):
    import typst

    names = ["Noto Sans", "Noto Sans", "Noto Sans Mono"]
    parts = ["#set page(width: 210mm, height: 297mm, margin: 0mm)\n#set text(lang: \"de\", ligatures: false)\n"]
    for i, page in enumerate(pages):
        if i:
            parts.append("#pagebreak()\n")
        for x, y, size, font, text in page["lines"]:
            weight = "regular" if font == 0 else "bold"
            parts.append(
                f"#place(dx: {x}mm, dy: {y}mm, text(font: \"{names[font]}\", size: {size}pt, weight: \"{weight}\", "
                f"top-edge: \"baseline\", {json.dumps(text, ensure_ascii=False)}))\n"
            )
        for x0, y0, x1, y1, width in page["rules"]:
            parts.append(f"#place(line(start: ({x0}mm, {y0}mm), end: ({x1}mm, {y1}mm), stroke: {width}pt))\n")
        for x, y, edge, size, runs in page["codes"]:
            module = edge / size
            moves = []
            for column, row, width in runs:
                left, top = x + column * module, y + row * module
                right, bottom = left + width * module, top + module
                moves.append(
                    f"curve.move(({left:.3f}mm, {top:.3f}mm)), curve.line(({right:.3f}mm, {top:.3f}mm)), "
                    f"curve.line(({right:.3f}mm, {bottom:.3f}mm)), curve.line(({left:.3f}mm, {bottom:.3f}mm)), curve.close()"
                )
            parts.append(f"#place(curve(fill: black, {', '.join(moves)}))\n")
    return len(typst.compile("".join(parts).encode(), font_paths=[fonts]))


pages = json.load(sys.stdin)
wall, cpu = time.perf_counter(), time.process_time()
size = {"reportlab": with_reportlab, "typst": with_typst}[engine](pages)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(len(pages), wall, cpu, peak, size)
