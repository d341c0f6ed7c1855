using System.Text.Json;
using FastTcpProxy.Control.Tests.Configuration;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Editor;

/// <summary>
/// VS Code's language service for JSON, in its exact version, with the schema of the configuration. Installed once for all tests of a run,
/// beside the built tests. Any thread.
/// </summary>
public sealed class LanguageService
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Editor");
    private static readonly SemaphoreSlim Installing = new(1);

    /// <summary>What the editor has to say of documents.</summary>
    /// <param name="documents">Their texts. The first <c>§</c> of a text is no part of it: it marks the place that is asked about.</param>
    public static async Task<Answer[]> AskAsync(params string[] documents)
    {
        await InstallAsync();
        string question = JsonSerializer.Serialize(new
        {
            schema = Given.Schema().RootElement,
            documents = documents.Select(text => text.IndexOf('§', StringComparison.Ordinal) is >= 0 and var at
                ? new { text = text.Remove(at, 1), at = (int?)at }
                : new { text, at = (int?)null }),
        });
        ProcessResult result = await ChildProcess.RunAsync(RequiresPeer.NodePath, [Path.Combine(Folder, "ask.mjs")], question);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonSerializer.Deserialize<Answer[]>(result.Output, JsonSerializerOptions.Web)!;
    }

    private static async Task InstallAsync()
    {
        RequiresPeer.Npm();
        await Installing.WaitAsync();
        try
        {
            if (!IsInstalled())
            {
                ProcessResult result = await ChildProcess.RunAsync(RequiresPeer.NpmPath,
                    ["ci", "--prefix", Folder, "--ignore-scripts", "--no-audit", "--no-fund"], within: Deadline.Patient);
                RequiresPeer.Require(result.ExitCode == 0, $"npm could not install the language service: {result.Error}");
            }
        }
        finally
        {
            Installing.Release();
        }
    }

    /// <summary>npm writes its own list of what it has installed last of all.</summary>
    private static bool IsInstalled()
    {
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        return installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json"));
    }

    /// <summary>What the editor says of one document.</summary>
    /// <param name="Problems">What it marks.</param>
    /// <param name="Hover">What it shows at the place.</param>
    /// <param name="Completions">What it offers there.</param>
    public sealed record Answer(Problem[] Problems, string? Hover, Completion[] Completions);

    /// <param name="Line">From 1.</param>
    /// <param name="Marked">The text that is underlined.</param>
    /// <param name="Message">What is wrong with it.</param>
    public sealed record Problem(int Line, string Marked, string Message);

    /// <param name="Label">What the list shows.</param>
    /// <param name="Insert">What is inserted.</param>
    /// <param name="Says">What stands beside it.</param>
    public sealed record Completion(string Label, string? Insert, string Says);
}
