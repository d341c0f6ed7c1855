using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Scripted checks, and the ready-made ones: what their keys become, and what is refused.</summary>
public sealed class HealthCheckStepTests
{
    [Fact]
    public void Steps_AreInTheModel()
    {
        HealthCheckConfiguration check = GivenCheck.Valid(GivenCheck.Tcp(
            """ "steps": [{ "expect": "/^220 /" }, { "send": "hex:510a" }, { "expect": "221" }], "tls": {} """));

        Assert.Equal(CheckType.Tcp, check.Type);
        Assert.True(check.UsesTls);
        Assert.Equal(["/^220 /", "", "221"], check.Steps.Select(step => step.Expect?.Text ?? ""));
        Assert.Equal([0x51, 0x0a], check.Steps[1].Send);
    }

    [Theory]
    [InlineData("smtp", CheckType.Smtp)]
    [InlineData("imap", CheckType.Imap)]
    [InlineData("pop3", CheckType.Pop3)]
    [InlineData("postgresql", CheckType.Postgresql)]
    public void ReadyMade_NeedsNothingButItsType(string type, CheckType expected)
    {
        HealthCheckConfiguration check = GivenCheck.Valid(GivenCheck.Service($$"""{ "type": "{{type}}" }"""));

        Assert.Equal((expected, null, null, null, false), (check.Type, check.Address, check.User, check.Helo, check.UsesTls));
    }

    [Fact]
    public void Mysql_LogsInAUserByDefault()
    {
        Assert.Equal("check", GivenCheck.Valid(GivenCheck.Service("""{ "type": "mysql" }""")).User);
        Assert.Equal("own", GivenCheck.Valid(GivenCheck.Both("""{ "type": "mysql" }""", """{ "user": "own" }""")).User);
    }

    [Theory]
    [InlineData("[]", "C033", "steps is empty, expected 1 to 32 items")]
    [InlineData("[{}]", "C055", "steps[0] neither sends nor expects, expected one of \"send\" and \"expect\" with a text")]
    [InlineData("[{ \"send\": \"\" }]", "C055", "steps[0] neither sends nor expects")]
    [InlineData("[{ \"send\": \"a\", \"expect\": \"b\" }]", "C055", "steps[0] sends and expects")]
    [InlineData("[{ \"send\": \"a\" }, { \"expect\": \"/(/\" }]", "C031", "steps[1].expect is \"/(/\"")]
    [InlineData("[{ \"sned\": \"a\" }]", "C020", "did you mean \"send\"?")]
    public void Steps_ThatAreWrong_AreErrors(string steps, string code, string says)
    {
        var errors = Given.Parse(GivenCheck.Tcp($"\"steps\": {steps}")).Errors;

        Assert.Contains(errors, error => error.Code == code && error.Message.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_AtAndAboveTheirLimit()
    {
        string Steps(int count) => GivenCheck.Tcp(
            $"\"steps\": [{string.Join(",", Enumerable.Repeat("{ \"send\": \"a\" }", count))}]");

        Given.Valid(Steps(ConfigurationLimits.CheckStepsMax));
        Assert.Equal("C033", Given.OnlyError(Steps(ConfigurationLimits.CheckStepsMax + 1)).Code);
    }

    [Theory]
    [InlineData("\"send\": \"x\"", "services[0].healthCheck.send stands beside \"steps\", which replaces it")]
    [InlineData("\"expect\": { \"body\": \"x\" }", "services[0].healthCheck.expect stands beside \"steps\", which replaces it")]
    public void Steps_BesideWhatTheyReplace_AreErrors(string key, string says)
    {
        var error = Given.OnlyError(GivenCheck.Tcp($$""" "steps": [{ "send": "a" }], {{key}} """));

        Assert.Equal("C056", error.Code);
        Assert.StartsWith(says, error.Message);
    }

    [Fact]
    public void Steps_OfAnUpstream_ReplaceWhatItsServiceSends_AndTheReverse()
    {
        HealthCheckConfiguration steps = GivenCheck.Valid(GivenCheck.Both(
            """{ "type": "tcp", "send": "x", "expect": { "body": "y" }, "timeout": "2s" }""", """{ "steps": [{ "send": "a" }] }"""));
        HealthCheckConfiguration bare = GivenCheck.Valid(GivenCheck.Both(
            """{ "type": "tcp", "steps": [{ "send": "a" }], "timeout": "2s" }""", """{ "send": "x" }"""));

        Assert.Equal((1, 0, null, 2), (steps.Steps.Length, steps.Content.Length, steps.Expect.Body, (int)steps.Timeout.TotalSeconds));
        Assert.Equal((0, 1, 2), (bare.Steps.Length, bare.Content.Length, (int)bare.Timeout.TotalSeconds));
    }
}
