using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using FastTcpProxy.Control.Configuration.Kinds;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>The patterns that calculate: they match exactly what the loader takes.</summary>
public sealed class PatternTests
{
    private static readonly Gen<long> Number = Gen.OneOf(Gen.Long[0, 200], Gen.Long[0, 100_000], Gen.Long[0, 700_000_000]);

    [Fact]
    public void WholeNumber_AnyBounds_MatchesTheNumbersWithinThem() => Gen.Select(Number, Number, Number).Sample((a, b, asked) =>
    {
        (long min, long max) = (Math.Min(a, b), Math.Max(a, b));
        var pattern = new Regex($"^{Patterns.WholeNumber(min, max)}$", RegexOptions.ECMAScript);

        foreach (long number in (ReadOnlySpan<long>)[asked, min, max, Math.Max(min - 1, 0), max + 1, min + (max - min) / 2])
            Assert.Equal(number >= min && number <= max, pattern.IsMatch(number.ToString(CultureInfo.InvariantCulture)));
        Assert.DoesNotMatch(pattern, "0" + asked.ToString(CultureInfo.InvariantCulture));
    }, iter: 20_000);

    [Fact]
    public void Duration_AnyBounds_MatchesWhatTheLoaderTakes() => Gen.Select(
        Gen.Select(Gen.Long[0, 3_000_000], Gen.Long[0, 604_800_000], Gen.Bool),
        Gen.OneOf(Gen.Long[0, 100], Gen.Long[0, 700_000_000]), Gen.Int[0, 4]).Sample((bounds, count, unit) =>
    {
        (long a, long b, bool wholeSeconds) = bounds;
        (TimeSpan min, TimeSpan max) = (TimeSpan.FromMilliseconds(Math.Min(a, b)), TimeSpan.FromMilliseconds(Math.Max(a, b) + 1));
        if (wholeSeconds)
            (min, max) = (TimeSpan.FromSeconds((long)min.TotalSeconds), TimeSpan.FromSeconds((long)max.TotalSeconds + 1));
        var kind = new DurationKind(min, max, wholeSeconds);
        string text = count.ToString(CultureInfo.InvariantCulture) + DurationText.Units[unit].Name;

        Assert.Equal(kind.TryParse(text, out _, out _), SchemaAgreement.Violation(kind, text) is null);
    }, iter: 5_000);
}
