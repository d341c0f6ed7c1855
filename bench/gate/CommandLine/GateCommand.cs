using System.CommandLine;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Running;
using FastTcpProxy.Gate.Trees;

namespace FastTcpProxy.Gate.CommandLine;

/// <summary>The program itself: builds both sides, then has them measured by a process of its own. Used by the main thread.</summary>
internal static class GateCommand
{
    public static RootCommand Build()
    {
        Argument<string?> ofBase = new("BASE")
        {
            Description = "A revision, or a folder with a source tree. Default: where the work left origin's main line.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Argument<string?> ofHead = new("HEAD")
        {
            Description = "Another. Default: the work tree as it is.", Arity = ArgumentArity.ZeroOrOne,
        };
        RefuseOptions(ofBase);
        RefuseOptions(ofHead);
        Option<FileInfo> json = MeasureCommand.JsonOption();
        Option<string> baseName = MeasureCommand.NameOption("--base-name"), headName = MeasureCommand.NameOption("--head-name");
        MeasureOptions measure = new();
        RootCommand command = new(
            """
            Builds two revisions of the proxy and finds out, side by side on this machine, whether the second takes more than the first: allocated bytes and system
            calls to the byte and call, the size of the program, start-up and CPU time of a connection and of a round trip by statistics. Needs git, the .NET SDK and strace; as root it uses a network of its own.
            Exit codes: 0 no regression, 1 no verdict (a build failed, a tool is missing, the machine was too busy), 2 wrong command line, 3 regression.
            """)
        { ofBase, ofHead, baseName, headName, json, MeasureCommand.Build(), SelfTestCommand.Build(), HistoryCommand.Build() };
        measure.AddTo(command);
        command.SetAction(result => Run(
            (result.GetValue(ofBase), result.GetValue(baseName)), (result.GetValue(ofHead), result.GetValue(headName)),
            measure.Read(result), result.GetValue(json)));
        return command;
    }

    /// <summary>An option that does not exist is not a revision of that name.</summary>
    private static void RefuseOptions(Argument<string?> argument) => argument.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: ['-', ..] } token]) result.AddError($"{token.Value}: no such option; see --help");
    });

    private static int Run((string? Tree, string? Name) ofBase, (string? Tree, string? Name) ofHead, GateOptions options, FileInfo? json)
    {
        string repository = Repository();
        using BuildFolder folder = new();
        SourceTree baseTree = SourceTree.Open(ofBase.Tree ?? SourceTree.MergeBase(repository), repository, folder.Path).Named(ofBase.Name);
        SourceTree headTree = SourceTree.Open(ofHead.Tree ?? repository, repository, folder.Path).Named(ofHead.Name);
        foreach (SourceTree tree in new[] { baseTree, headTree })
        {
            Console.Error.WriteLine($"building {tree.Name}");
            tree.Build();
            if (options.Native) tree.PublishNative();
        }
        return Measurement.Run(baseTree, headTree, options, json?.FullName, new Dictionary<string, string>());
    }

    /// <summary>The top of the repository that this is run in.</summary>
    public static string Repository() => Tool.Run("git", ["rev-parse", "--show-toplevel"]).Trim();
}
