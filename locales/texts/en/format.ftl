# How this language writes. Days for chrono (strftime), separators as they are: . , ’ or a narrow space ({ "\u202F" }).
format-direction = ltr
format-group = ,
format-decimal = .
format-day = %-d %b %Y
format-moment = %-d %b %Y, %H:%M
