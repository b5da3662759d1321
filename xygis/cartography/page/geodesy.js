// CGCS2000 in closed form, as xygis/geodesy has it: Gauss-Krüger 3-degree zones, official area, geodesic length.
// Degrees and metres; a point is [lon, lat], a place in a zone is [east, north] with 500 km added and no zone number.
// Sources: GB 22021-2008 (constants); Krüger 1912 with the n-series of Karney 2011; Vincenty 1975; 国土调查办发〔2008〕32号 (area).
"use strict";
const Geodesy = (() => {
  const A = 6378137, F = 1 / 298.257222101, N = F / (2 - F), E2 = F * (2 - F), E = Math.sqrt(E2), RAD = Math.PI / 180;
  const RADIUS = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64 + N ** 6 / 256);
  const ALPHA = [
    N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16 + (41 * N ** 4) / 180 - (127 * N ** 5) / 288 + (7891 * N ** 6) / 37800,
    (13 * N ** 2) / 48 - (3 * N ** 3) / 5 + (557 * N ** 4) / 1440 + (281 * N ** 5) / 630 - (1983433 * N ** 6) / 1935360,
    (61 * N ** 3) / 240 - (103 * N ** 4) / 140 + (15061 * N ** 5) / 26880 + (167603 * N ** 6) / 181440,
    (49561 * N ** 4) / 161280 - (179 * N ** 5) / 168 + (6601661 * N ** 6) / 7257600,
    (34729 * N ** 5) / 80640 - (3418889 * N ** 6) / 1995840,
    (212378941 * N ** 6) / 319334400,
  ];
  const BETA = [
    N / 2 - (2 * N ** 2) / 3 + (37 * N ** 3) / 96 - N ** 4 / 360 - (81 * N ** 5) / 512 + (96199 * N ** 6) / 604800,
    N ** 2 / 48 + N ** 3 / 15 - (437 * N ** 4) / 1440 + (46 * N ** 5) / 105 - (1118711 * N ** 6) / 3870720,
    (17 * N ** 3) / 480 - (37 * N ** 4) / 840 - (209 * N ** 5) / 4480 + (5569 * N ** 6) / 90720,
    (4397 * N ** 4) / 161280 - (11 * N ** 5) / 504 - (830251 * N ** 6) / 7257600,
    (4583 * N ** 5) / 161280 - (108847 * N ** 6) / 3991680,
    (20648693 * N ** 6) / 638668800,
  ];
  const LONGEST = 70; // of an edge, in metres, before its ends are projected

  // The 3-degree zone in which distances at this longitude are true.
  const zoneOf = (lon) => Math.min(45, Math.max(25, Math.floor(lon / 3 + 0.5)));

  function toZone([lon, lat], zone) {
    const lam = (lon - 3 * zone) * RAD, s = Math.sin(lat * RAD);
    const psi = Math.atanh(s) - E * Math.atanh(E * s);
    const xi0 = Math.atan2(Math.sinh(psi), Math.cos(lam)), eta0 = Math.atanh(Math.sin(lam) / Math.cosh(psi));
    let xi = xi0, eta = eta0;
    ALPHA.forEach((a, i) => {
      xi += a * Math.sin(2 * (i + 1) * xi0) * Math.cosh(2 * (i + 1) * eta0);
      eta += a * Math.cos(2 * (i + 1) * xi0) * Math.sinh(2 * (i + 1) * eta0);
    });
    return [500000 + RADIUS * eta, RADIUS * xi];
  }

  function toDegrees([east, north], zone) {
    const xi0 = north / RADIUS, eta0 = (east - 500000) / RADIUS;
    let xi = xi0, eta = eta0;
    BETA.forEach((b, i) => {
      xi -= b * Math.sin(2 * (i + 1) * xi0) * Math.cosh(2 * (i + 1) * eta0);
      eta -= b * Math.cos(2 * (i + 1) * xi0) * Math.sinh(2 * (i + 1) * eta0);
    });
    const chi = Math.sin(xi) / Math.cosh(eta), psi = Math.atanh(chi);
    let s = chi;
    for (let i = 0; i < 8; i++) s = Math.tanh(psi + E * Math.atanh(E * s));
    return [Math.atan2(Math.sinh(eta), Math.cos(xi)) / RAD + 3 * zone, Math.asin(s) / RAD];
  }

  // Of an open ring of places in one plane; the first place is the origin, so that nothing is lost to rounding.
  function shoelace(ring) {
    let twice = 0;
    const [x0, y0] = ring[0];
    for (let i = 1; i + 1 < ring.length; i++) twice += (ring[i][0] - x0) * (ring[i + 1][1] - y0) - (ring[i + 1][0] - x0) * (ring[i][1] - y0);
    return Math.abs(twice / 2);
  }

  // Equal-area cylinder: a shoelace there is the ellipsoidal area.
  function toEqualArea([lon, lat], zone) {
    const s = Math.sin(lat * RAD);
    return [A * (lon - 3 * zone) * RAD, (A * (1 - E2) * (s / (1 - E2 * s * s) + Math.atanh(E * s) / E)) / 2];
  }

  // {planar, ellipsoidal} in m² of a ring of points, its edges straight in the zone.
  function areas(points, zone) {
    const ring = points.map((p) => toZone(p, zone));
    const split = [];
    ring.forEach(([x, y], i) => {
      const [x1, y1] = ring[(i + 1) % ring.length];
      const pieces = Math.floor(Math.hypot(x1 - x, y1 - y) / LONGEST) + 1;
      for (let k = 0; k < pieces; k++) split.push([x + ((x1 - x) * k) / pieces, y + ((y1 - y) * k) / pieces]);
    });
    return { planar: shoelace(ring), ellipsoidal: shoelace(split.map((p) => toEqualArea(toDegrees(p, zone), zone))) };
  }

  // Geodesic length in metres of one edge.
  function geodesic([lon1, lat1], [lon2, lat2]) {
    const b = A * (1 - F), u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD)), u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD)), l = (lon2 - lon1) * RAD;
    const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
    let lam = l, sigma = 0, sinS = 0, cosS = 1, cos2A = 1, cosM = 0;
    for (let i = 0; i < 100; i++) {
      const sl = Math.sin(lam), cl = Math.cos(lam);
      sinS = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
      if (sinS === 0) return 0;
      cosS = s1 * s2 + c1 * c2 * cl;
      sigma = Math.atan2(sinS, cosS);
      const sinA = (c1 * c2 * sl) / sinS;
      cos2A = 1 - sinA * sinA;
      cosM = cos2A ? cosS - (2 * s1 * s2) / cos2A : 0;
      const c = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A)), before = lam;
      lam = l + (1 - c) * F * sinA * (sigma + c * sinS * (cosM + c * cosS * (2 * cosM * cosM - 1)));
      if (Math.abs(lam - before) < 1e-13) break;
    }
    const q = (cos2A * (A * A - b * b)) / (b * b);
    const k = 1 + (q / 16384) * (4096 + q * (-768 + q * (320 - 175 * q))), m = (q / 1024) * (256 + q * (-128 + q * (74 - 47 * q)));
    const d = m * sinS * (cosM + (m / 4) * (cosS * (2 * cosM * cosM - 1) - (m / 6) * cosM * (4 * sinS * sinS - 3) * (4 * cosM * cosM - 3)));
    return b * k * (sigma - d);
  }

  // {planar, geodesic} in metres of a line of points; planar: in the zone, with its scale.
  function lengths(points, zone) {
    const flat = points.map((p) => toZone(p, zone));
    let planar = 0, along = 0;
    for (let i = 1; i < points.length; i++) {
      planar += Math.hypot(flat[i][0] - flat[i - 1][0], flat[i][1] - flat[i - 1][1]);
      along += geodesic(points[i - 1], points[i]);
    }
    return { planar, geodesic: along };
  }

  // 112°13′56.13″, the seconds carried over where they round to 60.
  function dms(degrees) {
    const hundredths = Math.round(Math.abs(degrees) * 360000);
    const two = (v) => String(v).padStart(2, "0");
    const seconds = (hundredths % 6000) / 100;
    return (degrees < 0 ? "-" : "") + Math.floor(hundredths / 360000) + "°" + two(Math.floor(hundredths / 6000) % 60) + "′" + (seconds < 10 ? "0" : "") + seconds.toFixed(2) + "″";
  }

  // The words of a point: degrees, degrees-minutes-seconds, and X north, Y east with the zone number in front.
  function words(point) {
    const zone = zoneOf(point[0]), [east, north] = toZone(point, zone);
    return {
      zone,
      degrees: point[0].toFixed(6) + "°E，" + point[1].toFixed(6) + "°N",
      dms: dms(point[0]) + "E，" + dms(point[1]) + "N",
      metres: "X " + north.toFixed(2) + "，Y " + (zone * 1e6 + east).toFixed(2),
    };
  }

  // A point out of what somebody typed: longitude and latitude in either order, or X and Y with the zone number; else null.
  function parse(text) {
    const found = text.match(/^\D*(\d+(?:\.\d+)?)[^\d.]+(\d+(?:\.\d+)?)\D*$/);
    if (!found) return null;
    const high = Math.max(found[1], found[2]), low = Math.min(found[1], found[2]);
    if (high > 70 && high < 140 && low > 0 && low < 60) return [high, low];
    const zone = Math.floor(high / 1e6);
    return zone >= 25 && zone <= 45 && low > 1e6 && low < 7e6 ? toDegrees([high - zone * 1e6, low], zone) : null;
  }

  return { zoneOf, toZone, toDegrees, areas, lengths, dms, words, parse };
})();
