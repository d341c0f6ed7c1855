using System.Diagnostics;
using System.Formats.Tar;
using System.Runtime.InteropServices;
using FastTcpProxy.Gate.Running;

namespace FastTcpProxy.Gate.Trees;

/// <summary>
/// The source of one side of the comparison: a folder as it is, or a revision that was written to a folder of its own. Used by the main
/// thread. A copy rather than a git worktree, so that a gate that is killed leaves nothing behind in the repository.
/// </summary>
internal sealed class SourceTree
{
    private const string Driver = "bench/driver.sh", Program = "src/FastTcpProxy.Daemon";

    private SourceTree(string folder, string name)
    {
        Folder = folder;
        Name = name;
    }

    public string Folder { get; }

    /// <summary>For people: the revision and its commit, or the folder.</summary>
    public string Name { get; }

    /// <summary>A folder, or else a revision of the repository.</summary>
    /// <param name="copies">Where the copy of a revision is made.</param>
    /// <exception cref="GateException">It is neither, or a tree that cannot be measured.</exception>
    public static SourceTree Open(string folderOrRevision, string repository, string copies)
    {
        SourceTree tree = Directory.Exists(folderOrRevision)
            ? new SourceTree(Path.GetFullPath(folderOrRevision), Path.GetFullPath(folderOrRevision))
            : Copy(folderOrRevision, repository, copies);
        if (!File.Exists(Path.Combine(tree.Folder, Driver)))
            throw new GateException(
                $"{tree.Name} has no {Driver}: it is older than the script by which a tree is measured, or no tree of this project");
        return tree;
    }

    /// <summary>The commit at which the work left the main line, as far as the repository knows one.</summary>
    /// <exception cref="GateException">It knows none.</exception>
    public static string MergeBase(string repository)
    {
        foreach (string main in new[] { "origin/HEAD", "origin/main", "origin/master" })
        {
            if (TryGit(repository, ["merge-base", "HEAD", main]) is { } commit) return commit;
        }
        throw new GateException("the repository has no origin/HEAD, origin/main or origin/master to compare with: name a base");
    }

    /// <exception cref="GateException">It does not build; the text holds the errors.</exception>
    public void Build() => Tool.Run("dotnet", ["build", "-c", "Release", "-v", "quiet", "-nologo", Path.Combine(Folder, Program)]);

    /// <summary>Builds the native binary, to where <see cref="Measurements.BinarySize"/> looks for it.</summary>
    /// <exception cref="GateException">It does not build; the text holds the errors.</exception>
    public void PublishNative() =>
        Tool.Run("dotnet",
            ["publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-v", "quiet", "-nologo",
                Path.Combine(Folder, Program)]);

    /// <summary>The same, called otherwise in reports.</summary>
    public SourceTree Named(string? name) => name is null ? this : new SourceTree(Folder, name);

    private static SourceTree Copy(string revision, string repository, string copies)
    {
        string commit = TryGit(repository, ["rev-parse", "--verify", "--quiet", revision + "^{commit}"])
            ?? throw new GateException(
                $"{revision} is neither a folder nor a revision of {repository} (a shallow clone has only some: fetch it)");
        string folder = Directory.CreateDirectory(
            Path.Combine(copies, $"{commit[..12]}-{Directory.GetDirectories(copies).Length}")).FullName;
        using Process archive = Tool.Start("git", ["-C", repository, "archive", "--format=tar", commit]);
        Task<string> errors = archive.StandardError.ReadToEndAsync();
        TarFile.ExtractToDirectory(archive.StandardOutput.BaseStream, folder, overwriteFiles: false);
        archive.WaitForExit();
        if (archive.ExitCode != 0) throw new GateException($"git archive {commit} failed\n{Tool.Tail(errors.Result)}");
        return new SourceTree(folder, revision == commit ? commit[..12] : $"{revision} ({commit[..12]})");
    }

    private static string? TryGit(string repository, string[] arguments)
    {
        using Process git = Tool.Start("git", ["-C", repository, .. arguments]);
        Task<string> errors = git.StandardError.ReadToEndAsync();
        string output = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        _ = errors.Result;
        return git.ExitCode == 0 && output.Length > 0 ? output : null;
    }
}
