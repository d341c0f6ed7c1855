using System.Globalization;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>HTTP status codes: one, a class such as <c>"5xx"</c>, or a range such as <c>"400-499"</c>. Immutable, any thread.</summary>
internal sealed class StatusRangeKind : TextKind<StatusRange>
{
    private const short First = 100;
    private const short Last = 599;

    public override string Expected =>
        $"a status code from {First} to {Last} such as \"404\", a class such as \"5xx\", or a range such as \"400-499\"";

    public override StatusRange Fallback => new(First, First);

    protected override string? Pattern => "^([1-5]xx|[1-5][0-9]{2}(-[1-5][0-9]{2})?)$";

    public override bool TryParse(string text, out StatusRange value, out ValueFault fault)
    {
        value = Fallback;
        fault = ValueFault.Malformed();
        if (text.Length == 3 && text.EndsWith("xx", StringComparison.Ordinal))
        {
            if (text[0] is < '1' or > '5')
                return false;
            short hundred = (short)((text[0] - '0') * 100);
            value = new StatusRange(hundred, (short)(hundred + 99));
            return true;
        }
        string[] ends = text.Split('-');
        if (ends.Length > 2 || !TryParseCode(ends[0], out short first, ref fault) || !TryParseCode(ends[^1], out short last, ref fault))
            return false;
        value = new StatusRange(first, last);
        if (first > last)
            fault = ValueFault.OutOfRange("the range ends before it begins");
        return first <= last;
    }

    protected override string Format(StatusRange value) => value.First % 100 == 0 && value.Last == value.First + 99
        ? string.Create(CultureInfo.InvariantCulture, $"{value.First / 100}xx")
        : string.Create(CultureInfo.InvariantCulture, $"{value.First}-{value.Last}");

    private static bool TryParseCode(string text, out short code, ref ValueFault fault)
    {
        code = 0;
        if (text.Length != 3 || !text.All(char.IsAsciiDigit))
            return false;
        code = short.Parse(text, CultureInfo.InvariantCulture);
        bool inRange = code is >= First and <= Last;
        if (!inRange)
            fault = ValueFault.OutOfRange();
        return inRange;
    }
}
