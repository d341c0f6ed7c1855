using System.Text.Json;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary><c>reload</c> and <c>config</c>, the real program against a real proxy.</summary>
public sealed class ReloadCommandTests
{
    [Fact]
    public async Task Reload_ChangesAreSaidAndInForce()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        string same = await bed.DoAsync("reload");
        File.WriteAllText(bed.Proxy.ConfigurationPath, bed.Configuration(service: "\"connectTimeout\": \"2s\","));

        string diff = await bed.DoAsync($"config diff {bed.Proxy.ConfigurationPath}");
        string reloaded = await bed.DoAsync("reload --reset");
        string shown = await bed.DoAsync("config show");
        using JsonDocument json = JsonDocument.Parse(await bed.DoAsync("config show --json"));

        Assert.Equal("reloaded: nothing is different", same);
        Assert.EndsWith("change; it can be put in force", diff);
        Assert.Matches(@"^reloaded, 1 change:\n  .*connectTimeout.*$", reloaded);
        Assert.Equal(bed.Configuration(service: "\"connectTimeout\": \"2s\","), shown);
        Assert.Equal(shown, json.RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Reload_WrongConfiguration_IsRefusedWithItsPlaceAndStaysVisible()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        string wrong = bed.Configuration(service: "\"connectTimeout\": \"2\",");
        File.WriteAllText(bed.Proxy.ConfigurationPath, wrong);
        string file = bed.Folder.Write("new.json", wrong);

        ProcessResult diff = await bed.RunAsync("config", "diff", file);
        ProcessResult reload = await bed.RunAsync("reload");
        ProcessResult json = await bed.RunAsync("reload --json");
        string status = await bed.DoAsync("status");

        Assert.Equal(1, diff.ExitCode);
        Assert.Matches($@"^{file}:1:\d+: error C\d+: .*connectTimeout(.|\n)*\nerror: {file} cannot be put in force: 1 error$", diff.Error);
        Assert.Equal(1, reload.ExitCode);
        Assert.Matches(
            $@"^{bed.Proxy.ConfigurationPath}:1:\d+: error C\d+: (.|\n)*\nerror: the configuration was refused, and nothing has changed$",
            reload.Error);
        Assert.Equal(1, json.ExitCode);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.False(document.RootElement.GetProperty("applied").GetBoolean());
        Assert.Matches(@"last reload failed (just now|\d+s ago) \(.*\), nothing was changed:\n  .*error C\d+: ", status);
    }

    [Fact]
    public async Task Reload_WhatNeedsARestart_IsAnError()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        File.WriteAllText(bed.Proxy.ConfigurationPath, bed.Configuration(stored: false));

        ProcessResult result = await bed.RunAsync("reload");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(" error C050: admin.stateDirectory cannot be removed while the proxy runs", result.Error);
    }

    [Fact]
    public async Task Diff_NoFile_IsSaidWithoutAskingTheProxy()
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["config", "diff", "/nowhere/new.json", "--socket", "/nowhere/admin.sock"]);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("/nowhere/new.json:1:1: error ", result.Error);
    }
}
