using System.Globalization;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// A rate: a whole number, a slash and a unit (<c>s</c>, <c>m</c>, <c>h</c>), such as <c>"20/s"</c>. Immutable, any thread.
/// </summary>
internal sealed class RateKind : TextKind<ConnectionRate>
{
    private static readonly (string Name, int Seconds)[] Units = [("s", 1), ("m", 60), ("h", 3600)];

    public override string Expected => string.Create(CultureInfo.InvariantCulture,
        $"a rate from \"1/h\" to \"{ConfigurationLimits.RateMax}/s\", written in quotes with its unit s, m or h");

    public override ConnectionRate Fallback => new(1, 1);

    protected override string Pattern => $"^{Patterns.WholeNumber(1, ConfigurationLimits.RateMax)}/[smh]$";

    public override bool TryParse(string text, out ConnectionRate value, out ValueFault fault)
    {
        value = Fallback;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        ReadOnlySpan<char> digits = slash < 0 ? text : text.AsSpan(0, slash);
        int unit = slash < 0 ? -1 : Array.FindIndex(Units, entry => entry.Name == text[(slash + 1)..]);
        bool isWhole = digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9') && (digits.Length == 1 || digits[0] != '0');
        fault = !isWhole ? ValueFault.Malformed(digits.StartsWith("-") ? "a rate has no sign" : null)
            : slash < 0 ? ValueFault.Malformed("the unit is missing")
            : unit < 0 ? ValueFault.Malformed("the unit is s, m or h")
            : digits is "0" ? ValueFault.OutOfRange("zero is not allowed: no client would be served")
            : digits.Length > 7 || int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) > ConfigurationLimits.RateMax
                ? ValueFault.OutOfRange("too high")
                : default;
        if (fault.Why is not null || !isWhole) return false;
        value = new ConnectionRate(int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture), Units[unit].Seconds);
        return true;
    }

    protected override TextCorrection Correct(string text)
    {
        bool isNumber = text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');
        return isNumber && IsValue(text + "/s") ? new TextCorrection("the unit is missing", text + "/s") : base.Correct(text);
    }

    protected override string Format(ConnectionRate value) => string.Create(CultureInfo.InvariantCulture,
        $"{value.Count}/{Array.Find(Units, unit => unit.Seconds == value.PerSeconds).Name}");
}
