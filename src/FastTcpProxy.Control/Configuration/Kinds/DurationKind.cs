using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// A duration: a whole number and a unit (<c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c>, <c>d</c>), such as <c>"250ms"</c>. No decimals, so
/// that there is one way to write each. Immutable, any thread.
/// </summary>
/// <param name="min">
/// The shortest, inclusive. Zero is for waits that may be left out, never for a time-out; it is written <c>"0s"</c>.
/// </param>
/// <param name="max">The longest, inclusive.</param>
/// <param name="wholeSeconds">Whether the kernel counts it in seconds.</param>
internal sealed class DurationKind(TimeSpan min, TimeSpan max, bool wholeSeconds = false) : TextKind<TimeSpan>
{
    /// <summary>The digits of a fraction for which the whole number is worked out: more is no duration that a person writes.</summary>
    private const int DigitsMax = 12;

    public override string Expected =>
        $"a duration {(wholeSeconds ? "of whole seconds " : "")}from \"{DurationText.Write(min)}\" to \"{DurationText.Write(max)}\", "
        + "written in quotes with its unit ms, s, m, h or d";

    public override TimeSpan Fallback => min;

    /// <summary>What a text must match, for kinds that take more.</summary>
    internal string PatternText => Pattern!;

    /// <summary>With the bounds: for each unit the whole numbers that give a duration within them.</summary>
    protected override string? Pattern
    {
        get
        {
            (long shortest, long longest) = (Math.Max((long)min.TotalMilliseconds, 1), (long)max.TotalMilliseconds);
            List<string> alternatives = min == TimeSpan.Zero ? [DurationText.Zero] : [];
            foreach ((string name, long size) in DurationText.Units)
            {
                // Seconds in milliseconds end in three zeros.
                long counted = wholeSeconds && name == "ms" ? 1000 : size;
                (long first, long last) = ((shortest + counted - 1) / counted, longest / counted);
                if (first <= last)
                    alternatives.Add(Patterns.WholeNumber(first, last) + (counted == size ? name : "000" + name));
            }
            return $"^({string.Join('|', alternatives)})$";
        }
    }

    public override bool TryParse(string text, out TimeSpan value, out ValueFault fault)
    {
        value = min;
        fault = default;
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits == 0 && text.StartsWith('-'))
            return Fail(out fault, ValueFault.Malformed("a duration has no sign"));
        if (digits < 0 && text.Length > 0)
            return Fail(out fault, ValueFault.Malformed("the unit is missing"));
        if (digits <= 0 || (digits > 1 && text[0] == '0'))
            return Fail(out fault, ValueFault.Malformed());
        int unit = Array.FindIndex(DurationText.Units, entry => text.AsSpan(digits).SequenceEqual(entry.Name));
        if (unit < 0)
            return Fail(out fault, ValueFault.Malformed(text[digits] is '.' or ',' ? "a duration is a whole number" : null));
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || count > (long)TimeSpan.MaxValue.TotalMilliseconds / 2 / DurationText.Units[unit].Milliseconds)
            return Fail(out fault, ValueFault.OutOfRange("too long"));
        value = TimeSpan.FromMilliseconds(count * DurationText.Units[unit].Milliseconds);
        if (value == TimeSpan.Zero && min > TimeSpan.Zero)
            return Fail(out fault, ValueFault.OutOfRange("zero is not allowed"));
        if (value == TimeSpan.Zero && text != DurationText.Zero)
            return Fail(out fault, ValueFault.Malformed($"zero is written \"{DurationText.Zero}\""));
        if (value < min || value > max)
            return Fail(out fault, ValueFault.OutOfRange(value < min ? "too short" : "too long"));
        return !wholeSeconds || value.Ticks % TimeSpan.TicksPerSecond == 0
            || Fail(out fault, ValueFault.OutOfRange("not a whole number of seconds"));
    }

    /// <summary>What was meant by a text that is not a duration, for kinds that take more.</summary>
    internal TextCorrection CorrectionOf(string text) => Correct(text);

    protected override TextCorrection Correct(string text)
    {
        if (WithoutFraction(text) is { } whole && IsValue(whole)) return new TextCorrection("a duration is a whole number", whole);
        if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('0', '9')) return base.Correct(text);
        string[] values = [.. DurationText.Units.Take(2).Reverse().Select(unit => text + unit.Name).Where(IsValue)];
        return values.Length == 0 ? default : new TextCorrection("the unit is missing", values[0], values.ElementAtOrDefault(1));
    }

    /// <summary>The same duration in a unit in which it is whole; null for a text that is no fraction of a unit, and below 1 ms.</summary>
    private static string? WithoutFraction(string text)
    {
        int end = text.AsSpan().IndexOfAnyExcept("0123456789.");
        int unit = end < 0 ? -1 : Array.FindIndex(DurationText.Units, entry => text.AsSpan(end).SequenceEqual(entry.Name));
        if (unit < 0 || !text.Contains('.', StringComparison.Ordinal) || end > DigitsMax
            || !decimal.TryParse(text.AsSpan(0, end), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count))
            return null;
        decimal milliseconds = count * DurationText.Units[unit].Milliseconds;
        return milliseconds >= 1 && milliseconds == decimal.Truncate(milliseconds)
            ? DurationText.Write(TimeSpan.FromMilliseconds((long)milliseconds)) : null;
    }

    protected override string Format(TimeSpan value) => DurationText.Write(value);

    private static bool Fail(out ValueFault fault, ValueFault reason)
    {
        fault = reason;
        return false;
    }
}
