using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>A duration, or "auto": found out as the program runs. Immutable, any thread.</summary>
/// <param name="min">The shortest, inclusive.</param>
/// <param name="max">The longest, inclusive.</param>
internal sealed class AutoDurationKind(TimeSpan min, TimeSpan max) : TextKind<TimeSpan?>
{
    private const string Auto = "auto";

    private readonly DurationKind _duration = new(min, max);

    public override string Expected => $"\"{Auto}\", or {_duration.Expected}";

    public override TimeSpan? Fallback => null;

    protected override string Pattern => $"^{Auto}$|{_duration.PatternText}";

    public override bool TryParse(string text, out TimeSpan? value, out ValueFault fault)
    {
        value = null;
        fault = default;
        if (text == Auto) return true;
        bool isRead = _duration.TryParse(text, out TimeSpan duration, out fault);
        if (isRead) value = duration;
        return isRead;
    }

    protected override TextCorrection Correct(string text) => _duration.CorrectionOf(text);

    protected override string Format(TimeSpan? value) => value is { } duration ? DurationText.Write(duration) : Auto;
}
