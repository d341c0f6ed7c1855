using System.Globalization;

namespace FastTcpProxy.Control.Configuration;

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
    private const string Zero = "0s";

    private static readonly (string Name, long Milliseconds)[] Units =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    public override string Expected =>
        $"a duration {(wholeSeconds ? "of whole seconds " : "")}from \"{Write(min)}\" to \"{Write(max)}\", "
        + "written in quotes with its unit ms, s, m, h or d";

    public override TimeSpan Fallback => min;

    protected override string? Pattern => "^(0|[1-9][0-9]*)(ms|s|m|h|d)$";

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
        int unit = Array.FindIndex(Units, entry => text.AsSpan(digits).SequenceEqual(entry.Name));
        if (unit < 0)
            return Fail(out fault, ValueFault.Malformed(text[digits] is '.' or ',' ? "a duration is a whole number" : null));
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || count > (long)TimeSpan.MaxValue.TotalMilliseconds / 2 / Units[unit].Milliseconds)
            return Fail(out fault, ValueFault.OutOfRange("too long"));
        value = TimeSpan.FromMilliseconds(count * Units[unit].Milliseconds);
        if (value == TimeSpan.Zero && min > TimeSpan.Zero)
            return Fail(out fault, ValueFault.OutOfRange("no time may be zero"));
        if (value == TimeSpan.Zero && text != Zero)
            return Fail(out fault, ValueFault.Malformed($"no time at all is written \"{Zero}\""));
        if (value < min || value > max)
            return Fail(out fault, ValueFault.OutOfRange(value < min ? "too short" : "too long"));
        return !wholeSeconds || value.Ticks % TimeSpan.TicksPerSecond == 0
            || Fail(out fault, ValueFault.OutOfRange("not a whole number of seconds"));
    }

    /// <summary>The duration with the largest unit in which it is whole.</summary>
    public static string Write(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
            return Zero;
        long milliseconds = (long)value.TotalMilliseconds;
        (string name, long size) = Units.Last(entry => milliseconds % entry.Milliseconds == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / size}{name}");
    }

    protected override string Format(TimeSpan value) => Write(value);

    private static bool Fail(out ValueFault fault, ValueFault reason)
    {
        fault = reason;
        return false;
    }
}
