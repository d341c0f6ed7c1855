using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>The program from outside: its help, and its answer to a wrong command line. Each test runs the real executable.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("", "error: the command is missing: write fasttcpproxy and one of the commands below\nCommands: run, ")]
    [InlineData("",
        "Commands: run, check, doctor, status, upstream, sessions, block, allow, events, verbose, explain, config, reload, drain, log, "
        + "schema, header, completion, demo")]
    [InlineData("fly",
        "error: unknown command \"fly\"\nCommands: run, check, doctor, status, upstream, sessions, block, allow, events, verbose, "
        + "explain, config, reload, drain, log, schema, header, completion, demo\nSee: fasttcpproxy --help")]
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
    [InlineData("run --config x --threads", "error: --threads has no value: write --threads N\nSee: ")]
    [InlineData("run --config x --log-format xml", "error: --log-format xml: expected json, tcplog, tcplog-id or none\nSee: ")]
    [InlineData("run --config ''", "error: --config '': expected the path of a configuration\nSee: ")]
    [InlineData("check --config ''", "error: --config '': expected the path of a configuration\nSee: ")]
    [InlineData("run --config x --threads ''", "error: --threads '': expected a whole number")]
    [InlineData("run --config x --log-format ''", "error: --log-format '': expected json, tcplog, tcplog-id or none")]
    [InlineData("check", "error: --config is missing: write --config FILE\nSee: fasttcpproxy check --help")]
    [InlineData("status --socket", "error: --socket has no value: write --socket PATH\nSee: ")]
    [InlineData("status --socket ''", "error: --socket '': expected the path of a socket\nSee: ")]
    [InlineData("status /run/x.sock", "error: unexpected argument \"/run/x.sock\"\nSee: fasttcpproxy status --help")]
    [InlineData("status --jsn", "error: unknown option --jsn; did you mean --json?")]
    [InlineData("status --generation x", "error: --generation x: expected a whole number from 1 to 4194304\nSee: ")]
    [InlineData("--generation 1 status",
        "error: --generation is an option of status: write it after \"status\"\nSee: fasttcpproxy status --help")]
    [InlineData("--nonsense status", "error: unknown option --nonsense\nSee: ")]
    [InlineData("upstream", "Commands: list, disable, enable, drain, undrain, order\nSee: fasttcpproxy upstream --help")]
    [InlineData("upstream disble mail a", "error: unknown command \"disble\"; did you mean disable?")]
    [InlineData("upstream disable mail", "error: NAME is missing: write fasttcpproxy upstream disable SERVICE NAME\nSee: ")]
    [InlineData("upstream disable mail ''", "error: NAME '': expected the name of an upstream")]
    [InlineData("upstream disable '' a", "error: SERVICE '': expected the name of a service")]
    [InlineData("upstream disable mail a b", "error: unexpected argument \"b\"\nSee: fasttcpproxy upstream disable --help")]
    [InlineData("upstream disable mail a --for 30",
        "error: --for 30: expected a duration from 1s to 30d, a whole number with its unit ms, s, m, h or d\nSee: ")]
    [InlineData("upstream disable mail a --for 999ms", "error: --for 999ms: expected a duration from 1s to 30d")]
    [InlineData("upstream disable mail a --for 31d", "error: --for 31d: expected a duration from 1s to 30d")]
    [InlineData("upstream disable mail a --for ''", "error: --for '': expected a duration from 1s to 30d")]
    [InlineData("upstream enable mail a --reson x", "error: unknown option --reson; did you mean --reason?")]
    [InlineData("upstream drain mail a --wait 99ms", "error: --wait 99ms: expected a duration from 100ms to 1d")]
    [InlineData("upstream drain mail a --wait 2d", "error: --wait 2d: expected a duration from 100ms to 1d")]
    [InlineData("upstream order mail", "error: expected the names of upstreams, or --configured\nSee: ")]
    [InlineData("upstream order mail a --configured", "error: names and --configured exclude each other\nSee: ")]
    [InlineData("sessions kill", "error: expected the id of a session, or --service, --upstream or --client, or --all\nSee: ")]
    [InlineData("sessions kill 1 --all", "exclude each other\nSee: ")]
    [InlineData("sessions kill --all --service mail", "exclude each other\nSee: ")]
    [InlineData("sessions kill x", "error: ID x: expected the id of a session, as in the list")]
    [InlineData("sessions kill -1", "error: ID -1: expected the id of a session")]
    [InlineData("sessions list --client 192.0.2.0/33", "error: --client \"192.0.2.0/33\"")]
    [InlineData("sessions list --limit 0", "error: --limit 0: expected a whole number from 1 to 1000\nSee: ")]
    [InlineData("sessions list --limit 1001", "error: --limit 1001: expected a whole number from 1 to 1000\nSee: ")]
    [InlineData("explain --service mail", "error: --from is missing: write --from IP\nSee: ")]
    [InlineData("explain --service mail --from mail.example", "error: --from \"mail.example\": ")]
    [InlineData("config diff ''", "error: FILE '': expected the path of a configuration\nSee: ")]
    [InlineData("drain --timeout soon", "error: --timeout soon: expected a duration from 0s to ")]
    [InlineData("reload --rest", "error: unknown option --rest; did you mean --reset?")]
    [InlineData("completion", "Commands: bash, zsh, fish\nSee: fasttcpproxy completion --help")]
    [InlineData("header", "error: the command is missing: write fasttcpproxy header and one of the commands below\n")]
    [InlineData("header encode --version 3", "error: --version 3: expected 1 or 2\nSee: ")]
    [InlineData("header encode --version two", "error: --version two: expected 1 or 2\nSee: ")]
    [InlineData("header encode --format yaml", "error: --format yaml: expected hex or raw\nSee: ")]
    [InlineData("header encode --local --output ''", "error: --output '': expected the path of a file")]
    [InlineData("header encode --tlv alpn=hex:0g", "--tlv alpn=hex:0g: after hex: character 2, \"g\", is not a hexadecimal digit")]
    [InlineData("header decode --hex zz", "error: --hex: character 1, \"z\", is not a hexadecimal digit\nSee: ")]
    [InlineData("header decode --hex 0x0d:0a-g", "error: --hex: character 9, \"g\", is not a hexadecimal digit\nSee: ")]
    [InlineData("header decode --hex 0d0", "error: --hex: 3 hexadecimal digits, expected an even number\nSee: ")]
    [InlineData("header decode --hex ''", "error: --hex '': expected the bytes of a header\nSee: ")]
    [InlineData("header decode --file ''", "error: --file '': expected the path of a file\nSee: ")]
    [InlineData("header encode --source 1.2.3.4:5", "must be given together")]
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
    [InlineData("--help", "3 not ready (status; check --machine where run would fail on this machine; upstream drain --wait ")]
    [InlineData("--help", "4 degraded (status: clients are sent to upstreams that are all down)")]
    [InlineData("upstream list --help", "fasttcpproxy upstream list mail")]
    [InlineData("upstream disable --help", "--for 30m")]
    [InlineData("upstream enable --help", "fasttcpproxy upstream enable mail primary")]
    [InlineData("upstream drain --help", "exits 3 if sessions are left then")]
    [InlineData("upstream undrain --help", "fasttcpproxy upstream undrain mail primary")]
    [InlineData("upstream order --help", "fasttcpproxy upstream order mail --configured")]
    [InlineData("sessions list --help", "fasttcpproxy sessions list --service mail")]
    [InlineData("sessions kill --help", "fasttcpproxy sessions kill a3f09c21b7e4-4711")]
    [InlineData("explain --help", "fasttcpproxy explain --service mail --from 192.0.2.7")]
    [InlineData("config show --help", "fasttcpproxy config show")]
    [InlineData("config diff --help", "fasttcpproxy config diff new.json")]
    [InlineData("reload --help", "fasttcpproxy reload --reset")]
    [InlineData("drain --help", "fasttcpproxy drain --timeout 5m")]
    [InlineData("completion bash --help", "source <(fasttcpproxy completion bash)")]
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
        Assert.Matches(@"^fasttcpproxy \d+\.\d+\.\d+(, commit [0-9a-f]{12})?\n\.NET 10\.\S+, (JIT|native AOT), linux-\S+$",
            result.Output.TrimEnd());
        Assert.Equal(ProgramVersion.Full.Split('\n')[0], result.Output.Split('\n')[0]);
        Assert.Equal("", result.Error);
    }

    [Theory]
    [InlineData("0.1.0+0123456789abcdef0123456789abcdef01234567", true,
        "fasttcpproxy 0.1.0, commit 0123456789ab\n.NET 10.0.1, JIT, linux-x64")]
    [InlineData("0.1.0+0123", false, "fasttcpproxy 0.1.0, commit 0123\n.NET 10.0.1, native AOT, linux-x64")]
    [InlineData("0.1.0+", false, "fasttcpproxy 0.1.0\n.NET 10.0.1, native AOT, linux-x64")]
    [InlineData("0.1.0", true, "fasttcpproxy 0.1.0\n.NET 10.0.1, JIT, linux-x64")]
    public void Version_WithAndWithoutACommit(string informational, bool compilesAtRunTime, string expected) =>
        Assert.Equal(expected, ProgramVersion.Describe(informational, ".NET 10.0.1", compilesAtRunTime, "linux-x64"));
}
