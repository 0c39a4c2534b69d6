"""Texts to put on shelves."""

from collections.abc import Callable, Mapping

from matchmaker.search.entries import Entry

Texts = Mapping[int, tuple[str, str]]
Make = Callable[[Texts], list[Entry]]

TEXTS: Texts = {
    1: ("Máy tách vỏ hạt điều", "Giảm tỉ lệ vỡ nhân xuống 5 %. Công suất 0,8 tấn một giờ."),
    2: ("Máy sấy bơm nhiệt", "Sấy hồ tiêu và hạt điều ở 45 độ. Tiết kiệm một nửa điện."),
    3: ("Xử lý nước thải dệt nhuộm", "Keo tụ, lọc màng và khử màu bằng ozon."),
    4: ("Heat pump dryer for pepper", "Keeps colour and aroma. Uses half the energy."),
    5: ("Đốt vỏ điều", "Khói thải đạt quy chuẩn. Tận dụng nhiệt cho lò hấp."),
    6: ("Machine-vision sorter", "Sorts cashew kernels by colour and size. Replaces hand pickers."),
}
