"""The page's looks: one palette for light and dark, one column that a phone can read."""

CSS = """
:root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#1d2330;--soft:#5b6475;
--line:#dcdfe6;
--s0:#3366b0;--s1:#d9782d;--s2:#2f9073;--s3:#b5407c;--s4:#7a6ad0;--s5:#94801c;--s6:#2b9ab5;
--s7:#a0503f;
--yes:#2f9073;--no:#8a93a3}
@media(prefers-color-scheme:dark){:root{--paper:#14171e;--card:#1c212b;--ink:#e7eaf0;
--soft:#a3adbd;
--line:#38404e;--s0:#7aa7ea;--s1:#f0a35e;--s2:#5cc6a5;--s3:#e680b2;--s4:#ada1f5;--s5:#d3bd55;
--s6:#69cbe2;--s7:#db8f7d;--yes:#5cc6a5;--no:#7d8798}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:1.5rem 1rem 4rem;background:var(--paper);
color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:.2rem 0 1rem}
h2{font-size:1.2rem;margin:0 0 .3rem}
h3{font-size:.95rem;margin:1rem 0 .4rem}
p{margin:.3rem 0 .8rem;max-width:46rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.7rem;
padding:1.1rem 1.2rem;
margin:1rem 0}
.caption,caption,figcaption{color:var(--soft);font-size:.875rem}
caption{text-align:left;padding-bottom:.5rem;white-space:normal}
dl.facts{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;margin:0 0 1rem;font-size:.875rem}
dl.facts div{display:flex;gap:.45rem}dl.facts dt{color:var(--soft)}dl.facts dd{margin:0}
ul.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.8rem;
list-style:none;
padding:0;margin:1rem 0}
ul.tiles li{background:var(--card);border:1px solid var(--line);border-radius:.7rem;
padding:.7rem .9rem}
ul.tiles b{display:block;font-size:1.35rem;line-height:1.25;font-variant-numeric:tabular-nums}
ul.tiles span{color:var(--soft);font-size:.8125rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:1rem;
align-items:start}
.charts>*{min-width:0}
figure{margin:0;min-width:0;max-width:36rem}
figure>svg{display:block;width:100%;height:auto}
figure>svg *{stroke-linejoin:round;stroke-linecap:butt}
figure>svg text{font-family:inherit!important}
ul.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;margin:.5rem 0;
font-size:.875rem}
ul.legend li{display:flex;align-items:center;gap:.45rem}
svg.key{width:1.7rem;height:.55rem;flex:none}
.chip{width:.85rem;height:.85rem;border-radius:.2rem;flex:none}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(5.2rem,1fr));gap:.6rem}
.gallery img{display:block;width:100%;aspect-ratio:1;object-fit:contain;image-rendering:pixelated;
border-radius:.35rem;border:2px solid var(--no);background:var(--paper)}
.gallery .chosen img{border-color:var(--yes)}
.gallery figcaption{font-size:.75rem;line-height:1.3;margin-top:.2rem}
.gallery b{color:var(--ink);font-weight:600;display:block}
.bars{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));
gap:.25rem 2rem;
font-size:.875rem}
.bars>div{display:grid;grid-template-columns:7rem 1fr 6.5rem;gap:.6rem;align-items:center}
.bars .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bars .track{position:relative;height:.8rem;background:var(--line);border-radius:.2rem}
.bars .fill{height:100%;background:var(--s0);border-radius:.2rem}
.bars .mark{position:absolute;top:-.15rem;bottom:-.15rem;width:2px;background:var(--s1)}
.bars .count{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
.cell>svg{max-width:100%;height:auto}
.wide{overflow-x:auto}
figure+.wide,.charts+*,.wide+*{margin-top:1rem}
table{border-collapse:collapse;font-size:.875rem;min-width:100%}
th,td{padding:.32rem .5rem;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:600}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
table.best tbody tr:first-child td{font-weight:600}
footer{color:var(--soft);font-size:.8125rem}
@media(max-width:30rem){.bars>div{grid-template-columns:5rem 1fr 5.6rem}
section{padding:.9rem .8rem}}
"""
