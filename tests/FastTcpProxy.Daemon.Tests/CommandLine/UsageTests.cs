using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.CommandLine;

/// <summary>The program from outside: its help, and its answer to a wrong command line. Each test runs the real executable.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("", "Required command")]
    [InlineData("", "Commands: run, check, status, schema, header, demo")]
    [InlineData("fly", "error: unknown command \"fly\"\nCommands: run, check, status, schema, header, demo\nSee: fasttcpproxy --help")]
    [InlineData("chekc", "error: unknown command \"chekc\"; did you mean check?\nCommands: run, ")]
    [InlineData("header decod --hex 00", "error: unknown command \"decod\"; did you mean decode?\nCommands: encode, decode\n")]
    [InlineData("run --config x --thread 3", "error: unknown option --thread; did you mean --threads?\nSee: ")]
    [InlineData("run --nonsense", "error: unknown option --nonsense\nSee: ")]
    [InlineData("check proxy.json", "error: unexpected argument \"proxy.json\": write --config proxy.json\nSee: ")]
    [InlineData("run proxy.json --threads x", "write --config proxy.json\nerror: --threads x: expected")]
    [InlineData("run --config x extra", "error: unexpected argument \"extra\"\nSee: ")]
    [InlineData("run", "--config")]
    [InlineData("run --config x --threads 0", "error: --threads 0: expected a whole number from 1 to 256\nSee: ")]
    [InlineData("run --config x --threads 257", "--threads 257: expected a whole number from 1 to 256")]
    [InlineData("run --config x --threads many", "--threads many: expected a whole number from 1 to 256\nSee: ")]
    [InlineData("run --config x --threads", "Required argument missing for option: '--threads'")]
    [InlineData("run --config x --log-format xml", "error: --log-format xml: expected json, tcplog or none\nSee: ")]
    [InlineData("run --config ''", "error: --config '': expected the path of a configuration\nSee: ")]
    [InlineData("check --config ''", "error: --config '': expected the path of a configuration\nSee: ")]
    [InlineData("run --config x --threads ''", "error: --threads '': expected a whole number")]
    [InlineData("run --config x --log-format ''", "error: --log-format '': expected json, tcplog or none")]
    [InlineData("check", "--config")]
    [InlineData("status --socket", "Required argument missing for option: '--socket'")]
    [InlineData("status --socket ''", "error: --socket '': expected the path of a socket\nSee: ")]
    [InlineData("status /run/x.sock", "error: unexpected argument \"/run/x.sock\"\nSee: fasttcpproxy status --help")]
    [InlineData("status --jsn", "error: unknown option --jsn; did you mean --json?")]
    [InlineData("header", "Required command")]
    [InlineData("header encode --version 3", "error: --version 3: expected 1 or 2\nSee: ")]
    [InlineData("header encode --version two", "error: --version two: expected 1 or 2\nSee: ")]
    [InlineData("header encode --format yaml", "error: --format yaml: expected hex or raw\nSee: ")]
    [InlineData("header encode --local --output ''", "error: --output '': expected the path of a file")]
    [InlineData("header encode --tlv alpn=hex:0g", "--tlv alpn=hex:0g: after hex: character 2, \"g\", is no hexadecimal digit")]
    [InlineData("header decode --hex zz", "error: --hex: character 1, \"z\", is no hexadecimal digit\nSee: ")]
    [InlineData("header decode --hex 0x0d:0a-g", "error: --hex: character 9, \"g\", is no hexadecimal digit\nSee: ")]
    [InlineData("header decode --hex 0d0", "error: --hex: 3 hexadecimal digits, expected an even number\nSee: ")]
    [InlineData("header decode --hex ''", "error: --hex '': expected the bytes of a header\nSee: ")]
    [InlineData("header decode --file ''", "error: --file '': expected the path of a file\nSee: ")]
    [InlineData("header encode --source 1.2.3.4:5", "come together")]
    [InlineData("header encode --source 1.2.3.4:5 --destination 1.2.3.4:99999", "expected IP:port")]
    [InlineData("header encode --version 1 --tlv alpn=h2", "version 1 has no TLVs")]
    [InlineData("header encode --tlv nonsense=1", "expected TYPE=VALUE")]
    [InlineData("header encode --tlv crc32c=1", "--crc32c")]
    [InlineData("header decode --hex 00 --file x", "exclude")]
    public async Task WrongCommandLine_IsSaidOnStandardErrorAndExits2(string arguments, string expected)
    {
        string[] words = [.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w == "''" ? "" : w)];

        ProcessResult result = await ProxyExecutable.RunAsync(words);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error);
        Assert.StartsWith("error: ", result.Error);
        Assert.Equal("", result.Output);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.DoesNotContain("\\u", result.Error);
    }

    [Theory]
    [InlineData("--help", "fasttcpproxy run --config proxy.json")]
    [InlineData("run --help", "--log-format tcplog")]
    [InlineData("check --help", "fasttcpproxy check --config")]
    [InlineData("status --help", "fasttcpproxy status --json")]
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
