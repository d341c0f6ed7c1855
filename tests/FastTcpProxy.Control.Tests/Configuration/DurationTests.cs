using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Durations: a whole number and a unit, within bounds, and zero only where a wait may be left out.</summary>
public sealed class DurationTests
{
    [Theory]
    [InlineData("1ms", 1)]
    [InlineData("250ms", 250)]
    [InlineData("5s", 5_000)]
    [InlineData("10m", 600_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("604800s", 604_800_000)]
    public void Parse_ValidDuration_IsItsLength(string text, long milliseconds)
    {
        string json = Given.Service($"\"idleTimeout\": \"{text}\"");

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Given.Valid(json).Services[0].Settings.IdleTimeout);
    }

    [Theory]
    [InlineData("\"0s\"", "C030", "zero is not allowed")]
    [InlineData("\"0ms\"", "C030", "zero is not allowed")]
    [InlineData("\"8d\"", "C030", "too long")]
    [InlineData("\"604800001ms\"", "C030", "too long")]
    [InlineData("\"106751991167d\"", "C030", "too long")]
    [InlineData("\"9223372036854775807d\"", "C030", "too long")]
    [InlineData("\"99999999999999999999999999s\"", "C030", "too long")]
    [InlineData("\"-5s\"", "C031", "no sign")]
    [InlineData("\"+5s\"", "C031", "written in quotes with its unit")]
    [InlineData("\"5\"", "C031", "the unit is missing")]
    [InlineData("\"1.5s\"", "C031", "a whole number")]
    [InlineData("\"5 s\"", "C031", "write \"5s\"")]
    [InlineData("\"5S\"", "C031", "write \"5s\"")]
    [InlineData("\"05s\"", "C031", "written in quotes with its unit")]
    [InlineData("\"5sec\"", "C031", "write \"5s\"")]
    [InlineData("\"1m30s\"", "C031", "written in quotes with its unit")]
    [InlineData("\"s\"", "C031", "written in quotes with its unit")]
    [InlineData("\"\"", "C031", "written in quotes with its unit")]
    [InlineData("\"\\u0665s\"", "C031", "written in quotes with its unit")]
    [InlineData("5", "C022",
        "is the number 5, expected a text in quotes, write \"5s\" or \"5ms\"")]
    [InlineData("true", "C022", "is true, expected a duration")]
    [InlineData("null", "C022", "is null, expected a duration")]
    [InlineData("[\"5s\"]", "C022", "is a list, expected a text in quotes, write \"5s\"")]
    [InlineData("{}", "C022", "is an object, expected a duration")]
    public void Parse_InvalidDuration_IsOneError(string json, string code, string says)
    {
        ConfigurationError error = Given.OnlyError(Given.Service($"\"idleTimeout\": {json}"));

        Assert.Equal(code, error.Code);
        Assert.StartsWith("services[0].idleTimeout is ", error.Message);
        Assert.Contains(says, error.Message);
    }

    [Theory]
    [InlineData("0s", null)]
    [InlineData("1ms", null)]
    [InlineData("0ms", "C031")]
    [InlineData("0d", "C031")]
    [InlineData("00s", "C031")]
    [InlineData("-0s", "C031")]
    public void TryParse_KindWithZero_TakesOneSpellingOfIt(string text, string? code)
    {
        var kind = new DurationKind(TimeSpan.Zero, ConfigurationLimits.DurationMax);

        bool read = kind.TryParse(text, out TimeSpan value, out ValueFault fault);

        Assert.Equal(code, read ? null : fault.Code);
        Assert.Equal(read, DurationText.Write(value) == text);
        Assert.StartsWith("a duration from \"0s\" to \"7d\"", kind.Expected);
    }

    [Theory]
    [InlineData("1ms")]
    [InlineData("1500ms")]
    [InlineData("90s")]
    [InlineData("1h")]
    [InlineData("25h")]
    [InlineData("7d")]
    public void Write_AnyDuration_ReadsBackTheSame(string text)
    {
        var kind = new DurationKind(ConfigurationLimits.DurationMin, ConfigurationLimits.DurationMax);

        Assert.True(kind.TryParse(text, out TimeSpan value, out _));
        Assert.Equal(text, DurationText.Write(value));
    }
}
