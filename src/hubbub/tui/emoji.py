"""Signs by name, as people type them between colons.

Owns a short list on purpose: what is used in talk. Any other sign can be typed or pasted.
"""

from __future__ import annotations

from typing import Final

EMOJI: Final = {
    "+1": "👍", "-1": "👎", "100": "💯", "angry": "😠", "bell": "🔔", "bike": "🚲", "bomb": "💣",
    "book": "📖", "brain": "🧠", "bug": "🐛", "bulb": "💡", "cake": "🎂", "calendar": "📅",
    "cat": "🐱", "check": "✅", "clap": "👏", "clock": "🕐", "coffee": "☕", "computer": "💻",
    "confused": "😕", "cool": "😎", "cross": "❌", "cry": "😢", "dog": "🐶", "door": "🚪",
    "earth": "🌍", "eyes": "👀", "face_palm": "🤦", "fire": "🔥", "fish": "🐟", "flag": "🚩",
    "ghost": "👻", "gift": "🎁", "grin": "😁", "hammer": "🔨", "hand": "✋", "handshake": "🤝",
    "heart": "❤️", "hourglass": "⏳", "house": "🏠", "hug": "🤗", "hundred": "💯", "joy": "😂",
    "key": "🔑", "kiss": "😘", "laugh": "😆", "leaf": "🍃", "link": "🔗", "lock": "🔒",
    "magnet": "🧲", "mail": "📧", "memo": "📝", "microscope": "🔬", "moon": "🌙", "muscle": "💪",
    "music": "🎵", "neutral": "😐", "no": "🚫", "ok": "👌", "owl": "🦉", "party": "🥳",
    "pencil": "✏️", "penguin": "🐧", "phone": "📞", "pizza": "🍕", "pray": "🙏", "python": "🐍",
    "question": "❓", "rain": "🌧️", "rainbow": "🌈", "rocket": "🚀", "rose": "🌹", "sad": "😞",
    "scream": "😱", "see_no_evil": "🙈", "shrug": "🤷", "skull": "💀", "sleep": "😴",
    "smile": "😄", "snow": "❄️", "sob": "😭", "sparkles": "✨", "star": "⭐", "stop": "🛑",
    "sun": "☀️", "sushi": "🍣", "sweat": "😅", "tada": "🎉", "tea": "🍵", "telescope": "🔭",
    "thinking": "🤔", "thumbsdown": "👎", "thumbsup": "👍", "tongue": "😛", "tool": "🔧",
    "tree": "🌳", "trophy": "🏆", "turtle": "🐢", "umbrella": "☂️", "unicorn": "🦄",
    "upside_down": "🙃", "v": "✌️", "warning": "⚠️", "watch": "⌚", "wave": "👋", "whale": "🐳",
    "wink": "😉", "world": "🌐", "worm": "🪱", "wrench": "🔧", "yes": "✅", "zap": "⚡",
    "zzz": "💤",
}  # fmt: skip

FIRST: Final = ("+1", "heart", "joy", "tada", "eyes", "check", "pray", "thinking")
"""Those offered first."""


def sign(text: str) -> str:
    """The sign that `:name:`, `name` or a sign itself means; "" for none."""
    name = text.strip().strip(":").lower()
    return EMOJI.get(name) or ("" if name.isascii() and name.isalnum() else text.strip())


def replaced(text: str) -> str:
    """The text with `:name:` become signs, but in code."""
    if ":" not in text or "`" in text:
        return text
    parts = text.split(":")
    found = parts[0]
    index = 1
    while index < len(parts):
        known = EMOJI.get(parts[index].lower()) if index + 1 < len(parts) else None
        if known is not None and not found[-1:].isalnum():
            found += known + parts[index + 1]
            index += 2
        else:
            found += f":{parts[index]}"
            index += 1
    return found
