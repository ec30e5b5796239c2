/** One everyday question per sector, so that a benchmark without a file of its own reads like real traffic. */
export const benchmarkQuestions: Readonly<Record<string, string>> = {
  finance_banking: "Kredi kartı borcumu yapılandırmak istiyorum, ne yapmalıyım?",
  healthcare: "Kardiyoloji bölümünden nasıl randevu alabilirim?",
  education: "Üniversiteye kayıt için hangi belgeler gerekiyor?",
  media_publishing: "Dergi aboneliğimi nasıl yenileyebilirim?",
  legal: "Kira sözleşmesi feshi için ihtarname gerekir mi?",
  public_administration: "Nüfus cüzdanımı kaybettim, yenisini nereden çıkarırım?",
  manufacturing: "Pres hattında fire oranını nasıl düşürebiliriz?",
  asset_tracking: "Filomdaki araçların konum geçmişini nasıl görebilirim?",
  insurance: "Trafik kazası yaptım, hasar dosyası nasıl açılır?",
  tourism_hospitality: "Rezervasyonumu bir gün uzatabilir miyim?",
  ecommerce: "Siparişim hâlâ gelmedi, iade edebilir miyim?",
  energy: "Çatıma güneş paneli kurarsam ürettiğim elektriği satabilir miyim?",
  energy_distribution: "Mahallemizde elektrik kesildi, ne zaman gelir?",
  agriculture: "Buğdayda pas hastalığına karşı ne zaman ilaçlama yapılır?",
  transportation: "İzmir'den Ankara'ya parsiyel yük ne kadar sürede gider?",
  construction: "Temel betonu kaç günde tam dayanıma ulaşır?",
  real_estate: "Ev satarken tapu harcını kim öder?",
  telecommunications: "İnternetim çok yavaş, arıza kaydı açar mısınız?",
  software_technology: "Uygulamamız yoğun saatlerde zaman aşımına düşüyor, nereden başlamalıyız?",
  consulting_services: "Küçük bir işletme için dijital dönüşüme nereden başlanır?",
  research_development: "Ar-Ge desteğine başvuru için proje önerisi nasıl yazılır?",
  environmental_services: "Atık pilleri nereye bırakmalıyım?",
};

/** For sectors without a question above. */
export const plainQuestion = "Merhaba, bana nasıl yardımcı olabilirsiniz?";
