using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.CommandLine;

/// <summary>The program from outside: its help, and its answer to a wrong command line. Each test runs the real executable.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("", "Required command")]
    [InlineData("fly", "fly")]
    [InlineData("run", "--config")]
    [InlineData("run --config x --threads 0", "1 to 256")]
    [InlineData("run --config x --threads 257", "1 to 256")]
    [InlineData("run --config x --threads many", "many")]
    [InlineData("run --config x --log-format xml", "xml")]
    [InlineData("check", "--config")]
    [InlineData("header", "Required command")]
    [InlineData("header encode --version 3", "expected 1 or 2")]
    [InlineData("header encode --source 1.2.3.4:5", "come together")]
    [InlineData("header encode --source 1.2.3.4:5 --destination 1.2.3.4:99999", "expected IP:port")]
    [InlineData("header encode --version 1 --tlv alpn=h2", "version 1 has no TLVs")]
    [InlineData("header encode --tlv nonsense=1", "expected TYPE=VALUE")]
    [InlineData("header encode --tlv crc32c=1", "--crc32c")]
    [InlineData("header decode --hex 00 --file x", "exclude")]
    public async Task WrongCommandLine_IsSaidOnStandardErrorAndExits2(string arguments, string expected)
    {
        ProcessResult result = await ProxyExecutable.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error);
        Assert.StartsWith("error: ", result.Error);
        Assert.Equal("", result.Output);
        Assert.DoesNotContain("   at ", result.Error);
    }

    [Theory]
    [InlineData("--help", "fasttcpproxy run --config proxy.json")]
    [InlineData("run --help", "--log-format tcplog")]
    [InlineData("check --help", "fasttcpproxy check --config")]
    [InlineData("schema --help", "fasttcpproxy schema >")]
    [InlineData("demo --help", "fasttcpproxy demo")]
    [InlineData("header encode --help", "--tlv authority=")]
    [InlineData("header decode --help", "header decode --hex")]
    public async Task Help_HasExamplesAndExits0(string arguments, string expected)
    {
        ProcessResult result = await ProxyExecutable.RunAsync(arguments.Split(' '));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Examples:", result.Output);
        Assert.Contains(expected, result.Output);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Version_IsThatOfTheBuild()
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["--version"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+$", result.Output.Trim());
    }
}
