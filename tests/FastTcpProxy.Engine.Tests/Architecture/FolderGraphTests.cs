using System.Text.RegularExpressions;

namespace FastTcpProxy.Engine.Tests.Architecture;

/// <summary>
/// The folders of a project are a directed graph: each uses those that stand before it in the table of src/README.md and no other.
/// Namespaces are folders, and the build refuses a using that is not needed, so that the usings of a file say what it uses.
/// </summary>
public sealed partial class FolderGraphTests
{
    /// <summary>The folder of what stands in the project's own.</summary>
    private const string Top = "(top)";

    /// <summary>Project, and its folders in their order.</summary>
    private static readonly Dictionary<string, string[]> Orders =
        ReadOrders(File.ReadAllLines(Path.Combine(SourceTree.Root, "src", "README.md")));

    public static TheoryData<string> Projects => [.. Orders.Keys];

    [Fact]
    public void Table_HasEachProjectThatHasFolders() => Assert.Subset(
        Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src"), "FastTcpProxy.*").Select(d => Path.GetFileName(d)!)
        .ToHashSet(), Orders.Keys.ToHashSet());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Table_NamesEachFolder(string project) =>
        Assert.Equal(Sources(project).Select(f => f.Folder).Distinct().Order(StringComparer.Ordinal),
            Orders[project].Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Namespaces_AreFolders(string project)
    {
        string[] offenders = [.. Sources(project)
            .Where(f => Namespace().Match(f.Text) is { Success: true } match && match.Groups[1].Value != NamespaceOf(project, f.Folder))
            .Select(f => f.Path)];
        Assert.Empty(offenders);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_UseThoseBeforeThem(string project)
    {
        ILookup<string, string> types = Sources(project)
            .SelectMany(f => TypeDeclaration().Matches(f.Text).Select(m => (f.Folder, Type: m.Groups[1].Value)))
            .ToLookup(t => t.Folder, t => t.Type);
        string[] offenders = [.. Sources(project)
            .SelectMany(f => BackwardUses(project, Orders[project], types, f.Folder, f.Text).Select(used => $"{f.Path} uses {used}"))];
        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("using A.P.Low;", "Mid", "")]
    [InlineData("using A.P.High;", "Mid", "High")]
    [InlineData("using static A.P.High.Thing;", "Mid", "High")]
    [InlineData("class C { High.Thing _thing; }", "Mid", "High")]
    [InlineData("class C { int High => High.Length; /* High.Thing */ }", "Mid", "")]
    [InlineData("using A.P;", "Mid", Top)]
    [InlineData("using A.P.High.Inner;", "High", "High/Inner")]
    [InlineData("using A.P.High;", "High/Inner", "")]
    [InlineData("class C { Thing _thing; }", "High", "")]
    [InlineData("class C { Thing _thing; }", "Low/Inner", "")]
    [InlineData("class C { Whole _whole; }", "Mid", Top)]
    [InlineData("class C { Outer _outer; }", "Late/Inner", "Late")]
    [InlineData("class C { int Length => _text.Outer; /* Outer */ }", "Late/Inner", "")]
    public void Rule_FindsWhatItShould(string text, string folder, string found) => Assert.Equal(
        found, string.Join(',',
            BackwardUses("A.P", ["Low/Inner", "Low", "Mid", "Late/Inner", "High", "High/Inner", "Late", Top], Types, folder, text)));

    private static readonly ILookup<string, string> Types = new[] { ("High", "Thing"), ("Late", "Outer"), (Top, "Whole") }
        .ToLookup(t => t.Item1, t => t.Item2);

    /// <summary>The folders that a file uses and that do not stand before its own.</summary>
    private static IEnumerable<string> BackwardUses(string project, string[] order, ILookup<string, string> types,
        string folder, string text)
    {
        int own = Array.IndexOf(order, folder);
        string code = Comment().Replace(text, "");
        return order.Where((used, at) => at > own && (Uses(code, NamespaceOf(project, used), used.Replace('/', '.'), types[used])
            || (IsAncestor(used, folder) && types[used].Any(type => Regex.IsMatch(code, $@"(?<![\w.""]){type}\b")))));
    }

    /// <summary>The types of the folders around its own are there without a using and without a qualified name.</summary>
    private static bool IsAncestor(string used, string folder) =>
        used == Top || folder.StartsWith(used + "/", StringComparison.Ordinal);

    /// <summary>By a using, or by a name that begins with the folder's, which a namespace of the same project needs no using for.</summary>
    private static bool Uses(string code, string used, string shortName, IEnumerable<string> types) =>
        Regex.IsMatch(code, $@"^using {Regex.Escape(used)};", RegexOptions.Multiline)
        || types.Any(type => Regex.IsMatch(code,
            $@"^using static {Regex.Escape(used)}\.{type};|(?<![\w.]){Regex.Escape(shortName)}\.{type}\b", RegexOptions.Multiline));

    private static IEnumerable<(string Path, string Folder, string Text)> Sources(string project) =>
        SourceTree.CSharpFiles("src", project).Select(path => (SourceTree.Relative(path), FolderOf(project, path), File.ReadAllText(path)));

    private static string FolderOf(string project, string path)
    {
        string folder = Path.GetRelativePath(Path.Combine(SourceTree.Root, "src", project), Path.GetDirectoryName(path)!)
            .Replace('\\', '/');
        return folder == "." ? Top : folder;
    }

    private static string NamespaceOf(string project, string folder) => folder == Top ? project : $"{project}.{folder.Replace('/', '.')}";

    /// <summary>Rows of the table: | `project` | `folder`, `folder`, … |</summary>
    private static Dictionary<string, string[]> ReadOrders(string[] lines) => lines
        .Select(l => Row().Match(l))
        .Where(m => m.Success)
        .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Split(',').Select(f => f.Trim(' ', '`')).ToArray());

    [GeneratedRegex(@"^\| `(FastTcpProxy\.\w+)` \| ((?:`[\w/()]+`(?:, )?)+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:public|internal|file)?\s*(?:static |sealed |abstract |readonly |ref |unsafe |partial "
        + @")*(?:class|struct|interface|enum|record(?: class| struct)?)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();
}
