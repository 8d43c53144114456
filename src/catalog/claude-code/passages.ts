/**
 * Fingerprints of the passages of Claude Code's system prompt, as `adapt/system-prompt/find-own-passages.ts` makes
 * them: none of its words. Written by `scripts/write-passages`, which read 2.1.197 and 2.1.332.
 */
const fingerprints = `
-S6tFqIGpf -mqYQO9j3v -wZsdeMTvH 0MisY1Rccn 3-fk6JpmN2 3Uou9ChGl8 42JueIrsaO 4Wv9x-LjH4 5E1VGdeO94 5hLeDjZTng
68c6IE5fkc 6fjnKoCH7j 6v9VGGxsCW 7R4723yO76 7a0rOeefBo 7k1eXXB_9_ 7kOvNzmFge 85c6MqaNOU 8FUFq0iL-K 8JGA9ukmfR
95T1f3Jt5w 97EMxFYeje 9UjQKFM6N6 9Wp_dYVhIn 9yk3p8_TwF ARAZAEqnA- AbDgZaOLsK AfTQ7KXH49 AkLp-tsM4N AyG_dQYDya
AzyDM5KqoW BK1WoudDhN C4M9zh-2HN CKGJlRE0YS CbhFe9AMNw DJvrAF-k8l EU6emHqEfl FVE0lobOy- HaapHeWSnh Igwmk7Xdtw
J7SiZi0E5v JDUqr1oaWa JkuexN2KdI JmlfD7H3yj JuB2xWobaq KZYo87tnfo KblYx-5h2d Kypsnys-lw MpeFQxyZxZ MqmvN4oTk5
Oyo7XV5r4T P80rIAiWpx PCZtiVjhct PIMoTDHiyY Pm9Rfk1hef PrSunFePFt QSDFozq4FQ QxtUHPv8QQ RWt-_cMAQC S1yxykCkQk
SU6MQqsnJ- Tk5I-yPOt2 Tm5QO5Ue-6 Vp2Bj9hC3U XcEabCz5qi XvwNRmXYJW YuArYiUmLU YyX52lSiot ZA-UI7Or-2 ZK7dDS31Fs
ZftxEpazN9 a-924r00Lu bRjuvOFGmY bUn3lVZrWe bX5pkY47Vf bwT8cdipP3 dFhvCp2FX3 dUH4bG8RaF dv3AH32OCk e5aoC-fTje
ggLUtE4Kjx hDOf3sa5Q_ hXNyW6GNov jCyB-vnXu2 jSEDOqvgeN l45v_4U4IR lKy53Nkumh lXHNWCFQsK lyRBU1eTWX m06s0qX0Ej
m0NvCdN2da mCcice8sWv mWW7VvV0Kg m_n6IQfKU9 nitroUgQiP oFu2WXoViw oNAiVjzV_6 peF4CUZldb qBcHA7Evlg szQCHq0iEx
tm18-83jSR u-uf4wFfN8 uVIOIVii4A umXRlj-Z2g vBnZD8mmRH wJvTw-IQCi xMiwdYQ6Ri xnFNibPCet ymA2hN07n5 ysZYYDKEV0
zAjmHwEJ3_
`;

export const knownPassages: ReadonlySet<string> = new Set(fingerprints.trim().split(/\s+/));
