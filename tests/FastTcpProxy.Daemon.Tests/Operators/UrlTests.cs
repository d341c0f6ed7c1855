using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>Commands that ask the real program over TCP: what they do, and what they say where they cannot.</summary>
public sealed class UrlTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EveryCommand_OverTcp_DoesWhatItDoesOnTheSocket(bool tls)
    {
        await using UrlBed bed = await UrlBed.StartAsync(tls);
        string next = bed.Folder.Write("next.json", File.ReadAllText(bed.Proxy.ConfigurationPath));
        foreach (string line in new[]
        {
            "status", "upstream list mail", "sessions list", "explain --service mail --from 127.0.0.1", "config show",
            $"config diff {next}", "reload", "upstream disable mail primary --reason disk", "upstream enable mail primary",
            "upstream drain mail primary --wait 1s",
            "upstream undrain mail primary", "upstream order mail secondary", "upstream order mail --configured", "sessions kill --all",
            "status --json", "drain",
        })
        {
            ProcessResult result = await bed.RunAsync(line);

            Assert.True(result.ExitCode == 0, $"{line}: {result.ExitCode}\n{result.Output}{result.Error}");
            Assert.DoesNotContain(UrlBed.Token, result.Output + result.Error);
        }
        Assert.Equal(0, await bed.Proxy.Child.WaitForExitAsync());
        Assert.DoesNotContain(UrlBed.Token, bed.Proxy.Child.Error.ToString());
    }

    [Fact]
    public async Task Variables_NameTheProxyAndItsFiles()
    {
        await using UrlBed bed = await UrlBed.StartAsync();
        Dictionary<string, string?> environment = new(ProxyExecutable.Environment)
        {
            ["FASTTCPPROXY_URL"] = bed.Url, ["FASTTCPPROXY_TOKEN_FILE"] = bed.TokenFile, ["FASTTCPPROXY_CA_FILE"] = bed.CaFile,
        };

        ProcessResult result = await ChildProcess.RunAsync(
            ProxyExecutable.FilePath, ["upstream", "list", "mail"], environment: environment);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("secondary", result.Output);
    }

    [Fact]
    public async Task Token_OfAnother_IsSaidWithItsFile()
    {
        await using UrlBed bed = await UrlBed.StartAsync();
        string other = bed.WriteToken("other", "another-token-0123456789");

        await AssertFailsAsync(bed.RunAsync("status", tokenFile: other),
            $"{bed.Url}: the proxy does not accept the token of {other}; expected the token of its admin.tokenFile");
        await AssertFailsAsync(bed.RunAsync("upstream disable mail primary", tokenFile: other), $"the token of {other};");
    }

    [Fact]
    public async Task TokenFile_OpenToOthersOrMissing_IsNotRead()
    {
        await using UrlBed bed = await UrlBed.StartAsync();
        string open = bed.WriteToken("open", UrlBed.Token, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        await AssertFailsAsync(bed.RunAsync("status", tokenFile: open),
            $"--token-file {open}: its mode is 0440, so users other than its owner may use it; see chmod 0600; expected the token");
        await AssertFailsAsync(bed.RunAsync("status", tokenFile: "/nowhere"), "--token-file /nowhere: ");
        await AssertFailsAsync(bed.RunAsync("status", caFile: "/nowhere"),
            "--ca-file: the file /nowhere cannot be used: there is no such file; expected ");
    }

    [Fact]
    public async Task Certificate_OfNoAuthority_IsRefused()
    {
        await using UrlBed bed = await UrlBed.StartAsync();

        await AssertFailsAsync(bed.RunAsync("status", caFile: ""),
            $"{bed.Url}: certificate is self-signed; expected a certificate for 127.0.0.1 from an authority of this system "
            + "(--ca-file names others)");
    }

    [Fact]
    public async Task Certificate_ForAnotherName_IsRefused()
    {
        await using UrlBed bed = await UrlBed.StartAsync(name: "mail.example");

        await AssertFailsAsync(bed.RunAsync("status"),
            $"certificate is not for 127.0.0.1 but for mail.example; "
            + $"expected a certificate for 127.0.0.1 from an authority in {bed.CaFile}");
    }

    [Fact]
    public async Task Scheme_OfTheOtherKind_IsSaid()
    {
        await using UrlBed tls = await UrlBed.StartAsync(), plain = await UrlBed.StartAsync(tls: false);

        await AssertFailsAsync(tls.RunAsync("status", url: $"http://{tls.Admin}"), "then the URL begins with https://");
        await AssertFailsAsync(plain.RunAsync("status", url: $"https://{plain.Admin}"),
            "expected TLS; a proxy without admin.certFile speaks none, and its URL begins with http://");
    }

    [Fact]
    public async Task Proxy_Nowhere_IsSaid()
    {
        await using UrlBed bed = await UrlBed.StartAsync();

        await AssertFailsAsync(bed.RunAsync("status", url: $"https://{FreePort.Loopback()}"),
            "connection refused; is the proxy running, with this address in admin.listen?");
    }

    /// <summary>In a network namespace without a network, so that no name server is asked.</summary>
    [Fact]
    public async Task Name_ThatDoesNotResolve_IsSaid()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can make the namespace");
        using TempFolder folder = new("name");
        string token = folder.Write("token", UrlBed.Token + "\n");
        File.SetUnixFileMode(token, UnixFileMode.UserRead);

        ProcessResult result = await ChildProcess.RunAsync("unshare",
            ["--net", ProxyExecutable.FilePath, "status", "--url", "https://nowhere.invalid:9470", "--token-file", token],
            environment: ProxyExecutable.Environment);

        UpstreamCommandTests.AssertFailed(result, 1, "https://nowhere.invalid:9470: the name does not resolve");
    }

    private static async Task AssertFailsAsync(Task<ProcessResult> run, string text)
    {
        ProcessResult result = await run;
        UpstreamCommandTests.AssertFailed(result, 1, text);
        Assert.DoesNotContain("token-0123456789", result.Output + result.Error);
    }
}
