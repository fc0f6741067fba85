namespace Lvsctl.Kernel.Tests.Lab;

static class Repository
{
    /// <summary>Where lvsctl.sln is. The test runner changes the working directory, so it is looked for above the tests and where they were started.</summary>
    public static string Root { get; } = Above(AppContext.BaseDirectory) ?? Above(Environment.GetEnvironmentVariable("PWD"))
        ?? throw new InvalidOperationException("start the tests in the repository");

    static string? Above(string? directory) =>
        directory is null || File.Exists(Path.Combine(directory, "lvsctl.sln")) ? directory : Above(Path.GetDirectoryName(directory));
}
