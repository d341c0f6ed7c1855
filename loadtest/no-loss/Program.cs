using System.CommandLine;
using FastTcpProxy.NoLoss.Runs;
using FastTcpProxy.Testing.Processes;

Option<int> rate = new("--rate") { Description = "Connections a second.", DefaultValueFactory = _ => 200 };
Option<int?> times = new("--times") { Description = "Reloads (50) or take-overs (5)." };
Option<string?> program = new("--proxy") { Description = "The program; by default the one that was built with this.", HelpName = "PATH" };
Command reload = new("reload", "Reloads under load.");
Command upgrade = new("upgrade", "Take-overs under load.");
RootCommand root = new("Shows that reloads and upgrades lose no connection. Exits 0 when none was lost, 1 when one was.") { reload, upgrade };
foreach (Command command in new[] { reload, upgrade })
{
    command.Options.Add(rate);
    command.Options.Add(times);
    command.Options.Add(program);
}
reload.SetAction(async (parsed, _) =>
    await ReloadRun.RunAsync(parsed.GetValue(program) ?? ProxyExecutable.FilePath, parsed.GetValue(rate), parsed.GetValue(times) ?? 50) ? 0 : 1);
upgrade.SetAction(async (parsed, _) =>
    await UpgradeRun.RunAsync(parsed.GetValue(program) ?? ProxyExecutable.FilePath, parsed.GetValue(rate), parsed.GetValue(times) ?? 5) ? 0 : 1);
return await root.Parse(args).InvokeAsync();
