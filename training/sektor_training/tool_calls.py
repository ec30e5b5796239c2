"""Practice in calling tools: the list as the platform describes it (`services/inference/llama/tool-prompt.ts`), a request, the call."""

import json
import random
from dataclasses import dataclass

from .chat_format import TOOL_CODE_END, TOOL_CODE_START, Message, with_system_prompt

_HEAD = "Kullanabileceğin araçlar:"
_TAIL = f'Bir araç gerekiyorsa yalnızca şunu yaz: {TOOL_CODE_START} print(arac_adi(parametre="değer")) {TOOL_CODE_END}'


@dataclass(frozen=True)
class Tool:
    name: str
    description: str
    parameter: str
    values: tuple[str, ...]
    requests: tuple[str, ...]


_NUMBERS = ("1042", "2318", "3771", "4509", "5126", "6684", "7093", "8350", "9417", "1205", "2764", "3981")
_CITIES = ("Ankara", "İzmir", "Konya", "Bursa", "Adana", "Trabzon", "Sivas", "Van", "Edirne", "Mersin")
_DAYS = ("pazartesi", "salı", "çarşamba", "perşembe", "cuma")
TOOLS = (
    Tool("get_current_bill", "Güncel faturayı getirir", "user_id", _NUMBERS, ("{} numaralı müşterinin faturası ne kadar?", "Müşteri numaram {}, bu ayki faturamı söyler misiniz?", "faturam ne kadar no {}")),
    Tool("get_past_bills", "Geçmiş faturaları getirir", "user_id", _NUMBERS, ("{} numaralı hesabın eski faturalarını istiyorum.", "Geçen ayların faturalarına bakar mısınız, numaram {}", "eski faturalar {}")),
    Tool("get_remaining_quotas", "Kalan kullanım haklarını getirir", "user_id", _NUMBERS, ("İnternetim ne kadar kaldı, müşteri no {}", "{} numaralı hattın kalan dakikası kaç?", "kalan kotam nedir {}")),
    Tool("check_network_status", "Bölgedeki şebeke durumunu sorgular", "region", _CITIES, ("{} tarafında şebekede sorun var mı?", "{} bölgesinde hatlar çekmiyor, arıza mı var?", "{} da internet yok")),
    Tool("get_fault_ticket_status", "Arıza kaydının durumunu getirir", "ticket_id", _NUMBERS, ("{} numaralı arıza kaydım ne durumda?", "Arıza kaydım {}, çözüldü mü?", "{} nolu kayıt ne oldu")),
    Tool("track_shipment", "Gönderinin yerini söyler", "tracking_no", _NUMBERS, ("{} takip numaralı kargom nerede?", "Gönderim {} hâlâ gelmedi, bakar mısınız?", "kargo nerde {}")),
    Tool("get_order_status", "Siparişin durumunu getirir", "order_id", _NUMBERS, ("{} numaralı siparişim ne zaman gelir?", "Sipariş no {}, hazırlandı mı?", "siparis {} ne durumda")),
    Tool("book_appointment", "Randevu alır", "day", _DAYS, ("{} gününe randevu alabilir miyim?", "Bana {} için randevu yazar mısınız?", "randevu istiyorum {} olsun")),
    Tool("get_weather_for_field", "Tarladaki hava tahminini getirir", "city", _CITIES, ("{} için tarlada yağış bekleniyor mu?", "{} tarafında don olacak mı, ilaçlama yapacağım.", "{} hava tahmini")),
    Tool("find_branch", "En yakın şubeyi bulur", "city", _CITIES, ("{} şubeniz nerede?", "{} içinde en yakın şubeyi söyler misiniz?", "{} sube nerde")),
    Tool("get_policy_details", "Poliçe ayrıntılarını getirir", "policy_no", _NUMBERS, ("{} numaralı poliçem neyi kapsıyor?", "Poliçe no {}, bitiş tarihi ne zaman?", "{} police detay")),
    Tool("report_outage", "Elektrik kesintisi kaydı açar", "subscriber_no", _NUMBERS, ("Abone numaram {}, elektrik yok.", "{} numaralı abonelikte kesinti var, kayıt açar mısınız?", "elektrik kesik abone {}")),
)


def _described(tools: list[Tool]) -> str:
    lines = [
        json.dumps(
            {"name": t.name, "description": t.description,
             "parameters": {"type": "object", "properties": {t.parameter: {"type": "string"}}, "required": [t.parameter]}},
            ensure_ascii=False, separators=(",", ":"))
        for t in tools
    ]
    return "\n".join([_HEAD, *lines, _TAIL])


def tool_calls(count: int, prompt: str, draw: random.Random) -> list[list[Message]]:
    """`count` conversations of one request and one call, two or three tools listed."""
    result = []
    for _ in range(count):
        listed = draw.sample(TOOLS, draw.choice((2, 3)))
        tool = draw.choice(listed)
        value = draw.choice(tool.values)
        call = f'{TOOL_CODE_START} print({tool.name}({tool.parameter}="{value}")) {TOOL_CODE_END}'
        messages: list[Message] = [{"role": "user", "content": draw.choice(tool.requests).format(value)}, {"role": "assistant", "content": call}]
        result.append(with_system_prompt(messages, f"{prompt}\n\n{_described(listed)}"))
    return result
