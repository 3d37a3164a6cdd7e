"""Which characters are emoji: the Extended_Pictographic ranges of Unicode's emoji data, and names people
write."""

from __future__ import annotations

RANGES = (
    (0xA9, 0xA9), (0xAE, 0xAE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139),
    (0x2194, 0x2199), (0x21A9, 0x21AA), (0x231A, 0x231B), (0x2328, 0x2328), (0x2388, 0x2388),
    (0x23CF, 0x23CF), (0x23E9, 0x23F3), (0x23F8, 0x23FA), (0x24C2, 0x24C2), (0x25AA, 0x25AB),
    (0x25B6, 0x25B6), (0x25C0, 0x25C0), (0x25FB, 0x25FE), (0x2600, 0x2605), (0x2607, 0x2612),
    (0x2614, 0x2685), (0x2690, 0x2705), (0x2708, 0x2712), (0x2714, 0x2714), (0x2716, 0x2716),
    (0x271D, 0x271D), (0x2721, 0x2721), (0x2728, 0x2728), (0x2733, 0x2734), (0x2744, 0x2744),
    (0x2747, 0x2747), (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757),
    (0x2763, 0x2767), (0x2795, 0x2797), (0x27A1, 0x27A1), (0x27B0, 0x27B0), (0x27BF, 0x27BF),
    (0x2934, 0x2935), (0x2B05, 0x2B07), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55),
    (0x3030, 0x3030), (0x303D, 0x303D), (0x3297, 0x3297), (0x3299, 0x3299), (0x1F000, 0x1F0FF),
    (0x1F10D, 0x1F10F), (0x1F12F, 0x1F12F), (0x1F16C, 0x1F171), (0x1F17E, 0x1F17F), (0x1F18E, 0x1F18E),
    (0x1F191, 0x1F19A), (0x1F1AD, 0x1F1E5), (0x1F201, 0x1F20F), (0x1F21A, 0x1F21A), (0x1F22F, 0x1F22F),
    (0x1F232, 0x1F23A), (0x1F23C, 0x1F23F), (0x1F249, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F774, 0x1F77F),
    (0x1F7D5, 0x1F7FF), (0x1F80C, 0x1F80F), (0x1F848, 0x1F84F), (0x1F85A, 0x1F85F), (0x1F888, 0x1F88F),
    (0x1F8AE, 0x1FAFF), (0x1FC00, 0x1FFFD),
)  # fmt: skip
"""Unicode 16 emoji-data.txt, Extended_Pictographic; skin tones are inside 1F249-1F64F."""

JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3")
"""Zero width joiner, the two variation selectors, the key cap."""

NAMES = {
    "robot": "🤖", "robot_face": "🤖", "rocket": "🚀", "fire": "🔥", "star": "⭐", "sparkles": "✨",
    "heart": "❤️", "chart": "📊", "bar_chart": "📊", "chart_with_upwards_trend": "📈",
    "chart_with_downwards_trend": "📉", "traffic_light": "🚦", "vertical_traffic_light": "🚦",
    "brain": "🧠", "books": "📚", "book": "📖", "memo": "📝", "pencil": "✏️", "microphone": "🎤",
    "musical_note": "🎵", "headphones": "🎧", "art": "🎨", "camera": "📷", "movie_camera": "🎥",
    "computer": "💻", "laptop": "💻", "mag": "🔍", "magnifying_glass": "🔍", "search": "🔍",
    "speech_balloon": "💬", "chat": "💬", "globe": "🌍", "earth": "🌍", "world": "🌍",
    "globe_with_meridians": "🌐", "hospital": "🏥", "house": "🏠", "car": "🚗", "airplane": "✈️",
    "money": "💰", "moneybag": "💰", "gear": "⚙️", "wrench": "🔧", "hammer": "🔨", "lock": "🔒",
    "key": "🔑", "shield": "🛡️", "bulb": "💡", "light_bulb": "💡", "zap": "⚡", "lightning": "⚡",
    "tada": "🎉", "trophy": "🏆", "dart": "🎯", "target": "🎯", "game": "🎮", "video_game": "🎮",
    "cat": "🐱", "dog": "🐶", "snake": "🐍", "python": "🐍", "crab": "🦀", "whale": "🐳", "docker": "🐳",
    "leaf": "🍃", "seedling": "🌱", "tree": "🌳", "sun": "☀️", "sunny": "☀️", "cloud": "☁️", "moon": "🌙",
    "pizza": "🍕", "apple": "🍎", "hugs": "🤗", "hugging_face": "🤗", "hugging": "🤗", "wave": "👋",
    "eyes": "👀", "muscle": "💪", "thumbsup": "👍", "+1": "👍", "warning": "⚠️", "x": "❌",
    "white_check_mark": "✅", "check": "✅", "package": "📦", "folder": "📁", "file_folder": "📁",
    "page_facing_up": "📄", "document": "📄", "calendar": "📅", "clock": "🕐", "hourglass": "⏳",
    "mortar_board": "🎓", "dna": "🧬", "microscope": "🔬", "test_tube": "🧪", "pill": "💊",
    "stethoscope": "🩺", "newspaper": "📰", "email": "📧", "phone": "📱", "tv": "📺",
}  # fmt: skip
"""Shortcodes and plain names, and the character they mean (gemoji's names and common words)."""


def is_emoji(text: str) -> bool:
    """Whether a text consists of emoji characters only, joined or not, key caps and sub-national flags
    included."""
    if text and text[0] in "0123456789#*" and text[1:] in ("\ufe0f\u20e3", "\u20e3"):
        return True
    seen = False
    for char in text:
        number = ord(char)
        if any(first <= number <= last for first, last in RANGES):
            seen = True
        elif char not in JOINERS and not 0xE0020 <= number <= 0xE007F:
            return False
    return seen


def is_flag(text: str) -> bool:
    """Whether a text is the flag of a country: two regional indicator letters."""
    return len(text) == 2 and all(0x1F1E6 <= ord(c) <= 0x1F1FF for c in text)
